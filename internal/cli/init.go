package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

//go:embed starter/events.yaml starter/siogen.yaml
var starter embed.FS

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a schema and siogen.yaml to start from",
		Long: `Init writes events.yaml, a small schema with comments, and siogen.yaml, which says
where its output goes, into this folder. It overwrites nothing.`,
		Example: `  siogen init
  siogen generate`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.writeStarter(cmd)
		},
	}
}

func (a *app) writeStarter(cmd *cobra.Command) error {
	names := []string{"events.yaml", "siogen.yaml"}
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil {
			return &usageError{cmd: cmd, text: name + " is there already; nothing was written"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i, name := range names {
		if err := writeNew(name); err != nil {
			for _, done := range names[:i] {
				err = errors.Join(err, os.Remove(done))
			}
			return err
		}
	}
	for _, name := range names {
		if _, err := fmt.Fprintf(a.io.Out, "written %s\n", name); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.io.Out, "next: %s generate\n", a.io.Program)
	return err
}

// writeNew writes a starter file where none is.
func writeNew(name string) error {
	text, err := starter.ReadFile("starter/" + name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close(), os.Remove(name))
	}
	return f.Close()
}
