package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/siogen/siogen/internal/output"
)

func (a *app) generateCommand() *cobra.Command {
	var f outputFlags
	cmd := &cobra.Command{
		Use:   "generate [SCHEMA...]",
		Short: "Generate Go and TypeScript from schemas",
		Long: `Generate writes Go and TypeScript for every SCHEMA: a YAML file, or the folder or
import path of a Go package with interfaces. Without a SCHEMA it does what
siogen.yaml says, of this folder or the nearest above it in the repository.

Without output flags, both go into ./gen/<package>/. With --go-out or --ts-out,
only what is named is written.

Nothing is written unless everything can be. A file without siogen's first line
is never overwritten. Go files that siogen wrote earlier and that the schema no
longer gives are removed. Unchanged files are not touched.`,
		Example: `  siogen generate
  siogen generate events.yaml
  siogen generate events.yaml --go-out internal/chatio --ts-out web/src/chat.ts
  siogen generate events.yaml --go-out . --go-package chatio
  siogen generate ./events --go-out internal/chatio    # from Go interfaces
  //go:generate go tool siogen generate events.yaml --go-out .`,
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs, err := a.jobs(cmd, args, &f)
			if err != nil {
				return err
			}
			plan, err := a.plan(cmd.Context(), jobs)
			if err != nil {
				return err
			}
			if err := plan.Apply(cmd.Context()); err != nil {
				return err
			}
			return a.reportGenerated(plan)
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// fileResult is a line of JSON output.
type fileResult struct {
	Path   string `json:"path"`
	Status string `json:"status"`
	Diff   string `json:"diff,omitempty"`
}

func (a *app) reportGenerated(p *output.Plan) error {
	files := make([]fileResult, 0, len(p.Changes))
	count := make(map[string]int)
	for _, c := range p.Changes {
		status := generated(c.State)
		files = append(files, fileResult{Path: slash(c.Path), Status: status})
		count[status]++
	}
	if a.format == formatJSON {
		return a.printJSON(a.io.Out, struct {
			Files     []fileResult `json:"files"`
			ElapsedMS float64      `json:"elapsedMs"`
		}{files, a.elapsedMS()})
	}
	for _, f := range files {
		if _, err := fmt.Fprintf(a.io.Out, "%s %s\n", f.Status, f.Path); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.io.Out, "%d written, %d unchanged, %d removed in %v\n",
		count["written"], count["unchanged"], count["removed"], a.elapsed())
	return err
}

// generated is what Apply did to a file.
func generated(s output.State) string {
	switch s {
	case output.Unchanged:
		return "unchanged"
	case output.Stale:
		return "removed"
	default:
		return "written"
	}
}
