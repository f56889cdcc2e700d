package output

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// PartialError reports that applying a Plan stopped half-way: the disk failed
// after it had taken every file's bytes.
type PartialError struct {
	Done []string // paths that are already new
	Err  error
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("stopped after %d files were in place: %v", len(e.Done), e.Err)
}

func (e *PartialError) Unwrap() error { return e.Err }

// Apply makes the disk equal to what was generated. All new content is first
// written next to its place; only when that has succeeded for every file are
// they renamed, each at once, and stale ones removed. Unchanged files are not
// touched. Permissions of files that exist are kept. When it fails before the
// first rename, nothing has changed; with a Foreign file that is at once, with a
// *ForeignError.
func (p *Plan) Apply(ctx context.Context) (err error) {
	if err := p.foreign(); err != nil {
		return err
	}
	var s staging
	defer func() { err = errors.Join(err, s.clean()) }()
	for _, c := range p.Changes {
		if c.State != Changed && c.State != Missing {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.add(c); err != nil {
			return err
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	for _, c := range p.Changes {
		if c.State != Stale {
			continue
		}
		if err := os.Remove(c.target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &PartialError{Done: s.done, Err: err}
		}
		s.done = append(s.done, c.Path)
	}
	return nil
}

func (p *Plan) foreign() error {
	var paths []string
	for _, c := range p.Changes {
		if c.State == Foreign {
			paths = append(paths, c.Path)
		}
	}
	if paths == nil {
		return nil
	}
	return &ForeignError{Paths: paths}
}

// staging holds new files that are on disk but not in their place.
type staging struct {
	files []staged
	dirs  []string // made for them, outermost first
	done  []string
}

type staged struct {
	Change
	temp string
}

func (s *staging) add(c Change) error {
	dir := filepath.Dir(c.target)
	if err := s.mkdir(dir); err != nil {
		return err
	}
	temp := filepath.Join(dir, ".siogen-"+rand.Text()+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, c.mode)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		// Nobody knows the temporary file.
		return &fs.PathError{Op: "write", Path: c.Path, Err: failed.Err}
	}
	if err != nil {
		return err
	}
	s.files = append(s.files, staged{Change: c, temp: temp})
	_, err = f.Write(c.New)
	if err == nil && c.State == Changed {
		err = f.Chmod(c.mode) // what the umask took away
	}
	return errors.Join(err, f.Close())
}

// mkdir is os.MkdirAll that remembers what it made.
func (s *staging) mkdir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("is not a folder")}
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := s.mkdir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another run was faster
		}
		return err
	}
	s.dirs = append(s.dirs, dir)
	return nil
}

func (s *staging) commit() error {
	for len(s.files) > 0 {
		f := s.files[0]
		if err := os.Rename(f.temp, f.target); err != nil {
			if len(s.done) == 0 {
				return err
			}
			return &PartialError{Done: s.done, Err: err}
		}
		s.files = s.files[1:]
		s.done = append(s.done, f.Path)
	}
	s.dirs = nil
	return nil
}

// clean removes what is not in its place. After commit that is nothing.
func (s *staging) clean() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, os.Remove(f.temp))
	}
	for i := len(s.dirs) - 1; i >= 0; i-- {
		// Not empty when another process, or an earlier rename, used it.
		_ = os.Remove(s.dirs[i])
	}
	return errors.Join(errs...)
}
