package docs_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/internal/testjs"
)

const (
	before = "package: chat\nServerToClient:\n  message: {args: {from: string}}\n"
	after  = "package: chat\nServerToClient:\n  message: {args: {from: string, text: string}}\n"
	config = "version: 1\nschemas:\n  - schema: events.yaml\n    typescript: {out: gen/chat/chat.ts}\n"
)

// recipe returns the block of ci.md that a line begins.
func recipe(t *testing.T, language, first string) string {
	t.Helper()
	page, err := os.ReadFile("ci.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		if m[1] == language && strings.Contains(m[2], first) {
			return m[2]
		}
	}
	t.Fatalf("ci.md has no %s block with %q", language, first)
	return ""
}

func parse[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return v
}

// project is a repository whose module has siogen as a tool and whose generated
// files are up to date.
type project struct {
	t   *testing.T
	dir string
}

func newProject(t *testing.T) project {
	t.Helper()
	p := project{t: t, dir: t.TempDir()}
	root := testjs.Root(t)
	// The module's requirements are siogen's own and siogen.
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		p.write(name, string(text))
	}
	p.write("events.yaml", before)
	p.write("siogen.yaml", config)
	p.must("go mod edit -module=example.com/app -require=github.com/siogen/siogen@v0.0.0 -tool=github.com/siogen/siogen/cmd/siogen" +
		" -replace=github.com/siogen/siogen='" + root + "'")
	p.must("git init -q && git config user.name A && git config user.email a@example.com")
	p.must("go tool siogen generate")
	return p
}

func (p project) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
		p.t.Fatal(err)
	}
}

// run runs a line of a recipe and returns what it printed on stdout and how it
// ended.
func (p project) run(line string) (string, int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "sh", "-ec", line)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod", "NO_COLOR=1", "MAKEFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("%s: %v", line, err)
	}
	if cmd.ProcessState.ExitCode() != 0 {
		p.t.Logf("%s: %s", line, stderr.String())
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (p project) must(line string) {
	p.t.Helper()
	if out, code := p.run(line); code != 0 {
		p.t.Fatalf("%s: exit code %d\n%s", line, code, out)
	}
}

// Each recipe passes on a clean tree, fails on a drifted one, and passes again
// once the command that it prints has been run.
func TestRecipesForCI(t *testing.T) {
	p := newProject(t)
	for name, line := range map[string]string{
		"GitHub Actions":  gitHub(t),
		"GitLab":          gitLab(t),
		"pre-commit":      preCommit(t),
		"make":            "make -s check",
		"any other":       strings.TrimSpace(recipe(t, "sh", "go tool siogen check\n")),
		"a program":       strings.TrimSpace(recipe(t, "sh", "drift.json")) + " || { cat drift.json; exit 1; }",
		"a hook of Git's": "git add -A && git commit -q --allow-empty -m change",
	} {
		t.Run(name, func(t *testing.T) {
			p := project{t: t, dir: p.dir}
			p.write("Makefile", recipe(t, "make", "generate:"))
			p.write(".git/hooks/pre-commit", recipe(t, "sh", ".git/hooks/pre-commit"))
			p.must(line)
			p.write("events.yaml", after)
			if out, code := p.run(line); code == 0 {
				t.Errorf("%s passes where files are out of date:\n%s", line, out)
			}
			p.must("make -s generate")
			p.must(line)
			p.write("events.yaml", before)
			p.must("go tool siogen generate")
		})
	}
}

// The page shows what check prints.
func TestAnnotationsAreAsShown(t *testing.T) {
	p := newProject(t)
	p.write("events.yaml", after)
	out, _ := p.run(gitHub(t))
	if want := recipe(t, "text", "::error"); !strings.Contains(out, want) {
		t.Errorf("printed:\n%s\nnot as shown:\n%s", out, want)
	}
}

func gitHub(t *testing.T) string {
	workflow := parse[struct {
		Name string
		On   []string
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Uses, Run string
				With      map[string]string
			}
		}
	}](t, recipe(t, "yaml", ".github/workflows/"))
	steps := workflow.Jobs["generated"].Steps
	if len(steps) != 3 || steps[0].Uses == "" || steps[1].With["go-version-file"] != "go.mod" || len(workflow.On) == 0 {
		t.Fatalf("workflow %+v", workflow)
	}
	return steps[2].Run
}

func gitLab(t *testing.T) string {
	jobs := parse[map[string]struct {
		Image  string
		Script []string
	}](t, recipe(t, "yaml", ".gitlab-ci.yml"))
	job := jobs["generated"]
	if len(jobs) != 1 || !strings.HasPrefix(job.Image, "golang:") || len(job.Script) == 0 {
		t.Fatalf("jobs %+v", jobs)
	}
	return strings.Join(job.Script, "\n")
}

func preCommit(t *testing.T) string {
	hooks := parse[struct {
		Repos []struct {
			Repo  string
			Hooks []struct {
				ID, Name, Entry, Language string
				PassFilenames             bool `yaml:"pass_filenames"`
			}
		}
	}](t, recipe(t, "yaml", ".pre-commit-config.yaml"))
	if len(hooks.Repos) != 1 || hooks.Repos[0].Repo != "local" || len(hooks.Repos[0].Hooks) != 1 {
		t.Fatalf("hooks %+v", hooks)
	}
	hook := hooks.Repos[0].Hooks[0]
	if hook.ID == "" || hook.Name == "" || hook.Language != "system" || hook.PassFilenames {
		t.Fatalf("hook %+v", hook)
	}
	return hook.Entry
}
