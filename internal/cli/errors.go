package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/siogen/siogen/generator/typescript"
	"github.com/siogen/siogen/internal/output"
	"github.com/siogen/siogen/schema/diag"
)

// usageError is a command line that makes no sense.
type usageError struct {
	cmd   *cobra.Command
	text  string
	meant string // the nearest thing that would, or empty
}

func (e *usageError) Error() string {
	if e.meant != "" {
		return fmt.Sprintf("%s (did you mean %s?)", e.text, e.meant)
	}
	return e.text
}

// diagnosticsError is a schema or configuration that is wrong.
type diagnosticsError struct{ diags []diag.Diagnostic }

func (e *diagnosticsError) Error() string { return "the schema has errors" }

// driftError is check's finding. It has been printed as a result.
type driftError struct{}

func (driftError) Error() string { return "generated files are out of date" }

func exitCode(err error) int {
	var (
		usage     *usageError
		diags     *diagnosticsError
		drift     driftError
		foreign   *output.ForeignError
		conflict  *output.ConflictError
		place     *output.PlaceError
		templates *typescript.TemplateError
	)
	switch {
	case errors.As(err, &drift):
		return ExitDrift
	case errors.As(err, &usage), errors.As(err, &diags), errors.As(err, &foreign),
		errors.As(err, &conflict), errors.As(err, &place), errors.As(err, &templates):
		return ExitUser
	default:
		return ExitFailed
	}
}

// fail prints an error on stderr in the run's format.
func (a *app) fail(err error) {
	var (
		usage *usageError
		diags *diagnosticsError
		drift driftError
	)
	switch {
	case errors.As(err, &drift):
		return
	case errors.As(err, &diags):
		a.diagnostics(diags.diags)
		return
	}
	switch a.format {
	case formatJSON:
		_ = a.printJSON(a.io.Err, map[string]any{"error": err.Error(), "exitCode": exitCode(err)})
	case formatGitHub:
		fmt.Fprintf(a.io.Err, "::error title=siogen::%s\n", githubData(err.Error()))
	default:
		fmt.Fprintf(a.io.Err, "siogen: %v\n", err)
		if errors.As(err, &usage) {
			fmt.Fprintf(a.io.Err, "See: %s --help\n", usage.cmd.CommandPath())
		}
		if hint := hintFor(err); hint != "" {
			fmt.Fprintf(a.io.Err, "hint: %s\n", hint)
		}
	}
}

// hintFor is the way out of an error that has one.
func hintFor(err error) string {
	var (
		foreign  *output.ForeignError
		conflict *output.ConflictError
	)
	switch {
	case errors.As(err, &foreign):
		return "choose another output, or remove the file if it is not needed"
	case errors.As(err, &conflict):
		return "give each schema an output of its own in siogen.yaml"
	default:
		return ""
	}
}

// diagnostics prints diagnostics on stderr in the run's format.
func (a *app) diagnostics(diags []diag.Diagnostic) {
	if len(diags) == 0 {
		return
	}
	// Nobody is left to tell that stderr cannot be written.
	switch a.format {
	case formatJSON:
		_ = diag.JSON(a.io.Err, diags)
	case formatGitHub:
		_ = diag.GitHub(a.io.Err, diags)
	default:
		_ = diag.Text(a.io.Err, diags, readSource, color(a.io.Err))
	}
}

func readSource(file string) []byte {
	// A file that has gone is shown without its lines.
	text, _ := os.ReadFile(filepath.FromSlash(file))
	return text
}

// flagError turns an error of the flag parser into a usageError.
func flagError(cmd *cobra.Command, err error) error {
	u := &usageError{cmd: cmd, text: err.Error()}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		u.text = "unknown flag " + flagName(unknown)
		if near := diag.Nearest(name, known); near != "" {
			u.meant = "--" + near
		}
	}
	return u
}

func nearest(name string, known []string) string { return diag.Nearest(name, known) }

// atMost is cobra.MaximumNArgs with an error in this program's voice.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return &usageError{cmd: cmd, text: fmt.Sprintf("unexpected argument %q", args[n])}
		}
		return nil
	}
}

// githubData escapes the message of a GitHub workflow command.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// githubProperty escapes a property of a GitHub workflow command.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

func marshal(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }

func flagName(e *pflag.NotExistError) string {
	if short := e.GetSpecifiedShortnames(); short != "" {
		return "-" + e.GetSpecifiedName()
	}
	return "--" + e.GetSpecifiedName()
}
