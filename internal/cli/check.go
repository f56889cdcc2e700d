package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/siogen/siogen/internal/output"
)

func (a *app) checkCommand() *cobra.Command {
	var f outputFlags
	cmd := &cobra.Command{
		Use:   "check [SCHEMA...]",
		Short: "Tell whether generated files are up to date",
		Long: `Check compares what generate would write with what is there, and writes nothing.
It takes the arguments and flags of generate. When a file differs, is missing or
is left over from an earlier run, it prints a unified diff and the command that
mends it, and exits with 1. Line ends (CRLF) make no difference.`,
		Example: `  siogen check
  siogen check events.yaml --go-out internal/chatio
  siogen check --format github    # annotations in GitHub Actions
  siogen check | patch -p0        # another way to mend`,
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs, err := a.jobs(cmd, args, &f)
			if err != nil {
				return err
			}
			plan, err := a.plan(cmd.Context(), jobs)
			if err != nil {
				return err
			}
			if err := a.reportChecked(plan, a.generateLine(cmd, args)); err != nil {
				return err
			}
			if plan.Drift() {
				return driftError{}
			}
			return nil
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func (a *app) reportChecked(p *output.Plan, mend string) error {
	files := make([]fileResult, 0, len(p.Changes))
	for _, c := range p.Changes {
		files = append(files, fileResult{Path: slash(c.Path), Status: checked(c.State), Diff: c.Diff()})
	}
	switch {
	case a.format == formatJSON:
		result := struct {
			Drift     bool         `json:"drift"`
			Files     []fileResult `json:"files"`
			Mend      string       `json:"mend,omitempty"`
			ElapsedMS float64      `json:"elapsedMs"`
		}{Drift: p.Drift(), Files: files, ElapsedMS: a.elapsedMS()}
		if p.Drift() {
			result.Mend = mend
		}
		return a.printJSON(a.io.Out, result)
	case !p.Drift():
		_, err := fmt.Fprintf(a.io.Out, "%s up to date in %v\n", plural(len(files), "file"), a.elapsed())
		return err
	case a.format == formatGitHub:
		return a.annotateDrift(files, mend)
	default:
		return a.printDrift(files, mend)
	}
}

func (a *app) printDrift(files []fileResult, mend string) error {
	n := 0
	for _, f := range files {
		if f.Diff == "" {
			continue
		}
		n++
		if _, err := fmt.Fprint(a.io.Out, f.Diff); err != nil {
			return err
		}
	}
	for _, f := range files {
		if f.Status != statusForeign {
			continue
		}
		if _, err := fmt.Fprintf(a.io.Out, "%s has lost its first line or is not siogen's: remove it first\n", f.Path); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.io.Out, "%s out of date; run: %s\n", plural(n, "file"), mend)
	return err
}

func (a *app) annotateDrift(files []fileResult, mend string) error {
	for _, f := range files {
		if f.Diff == "" {
			continue
		}
		_, err := fmt.Fprintf(a.io.Out, "::error file=%s,title=siogen check::%s is %s; run: %s\n::group::%s\n%s::endgroup::\n",
			githubProperty(f.Path), githubData(f.Path), f.Status, githubData(mend), githubData(f.Path), f.Diff)
		if err != nil {
			return err
		}
	}
	return nil
}

// statusForeign is what check says of a file that generate would not overwrite.
const statusForeign = "foreign"

// checked is what check says of a file.
func checked(s output.State) string {
	switch s {
	case output.Unchanged:
		return "unchanged"
	case output.Missing:
		return "missing"
	case output.Stale:
		return "stale"
	case output.Foreign:
		return statusForeign
	default:
		return "changed"
	}
}

func slash(path string) string { return filepath.ToSlash(path) }
