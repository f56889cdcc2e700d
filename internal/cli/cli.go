// Package cli is siogen's command line: one file a verb, and what they share.
package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	ExitDone   = 0
	ExitDrift  = 1 // check found files that differ from what the schema gives
	ExitUser   = 2 // the user's schema, configuration or flags are wrong
	ExitFailed = 3 // anything else: disk, interruption, a defect of siogen
)

// Stdio is where a run prints. Errors go to Err, everything else to Out.
type Stdio struct {
	Out, Err io.Writer
	// Program is what the user types to run siogen, for advice; empty: siogen.
	Program string
}

// app is one run of the command line.
type app struct {
	io     Stdio
	start  time.Time
	format format
}

// Run executes one command line, without the program's name, and returns the
// exit code. It prints colours only to a terminal, and none when NO_COLOR is
// set.
func Run(ctx context.Context, args []string, stdio Stdio) int {
	stdio.Program = cmp.Or(stdio.Program, "siogen")
	a := &app{io: stdio, start: time.Now(), format: formatText}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdio.Out)
	root.SetErr(stdio.Err)
	err := knownVerb(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return ExitDone
	}
	a.fail(err)
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "siogen",
		Short: "Typed Socket.IO events in Go and TypeScript from one schema",
		Long: `siogen turns one schema, a YAML file or Go interfaces, into typed Socket.IO
events: Go server and client wrappers, and TypeScript interfaces for the
official packages.

Exit codes: 0 done, 1 generated files are out of date (check), 2 the schema,
siogen.yaml or the flags are wrong, 3 anything else.`,
		Example: `  siogen init                     # a schema and siogen.yaml to start from
  siogen generate                 # what siogen.yaml says
  siogen generate events.yaml     # into ./gen/<package>/
  siogen generate ./events        # from Go interfaces
  siogen check                    # in CI: are generated files up to date?`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(a.io.Err)
			if err := cmd.Help(); err != nil {
				return err
			}
			return &usageError{cmd: cmd, text: "a verb is missing"}
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	root.AddCommand(a.generateCommand(), a.checkCommand(), a.initCommand(), a.convertCommand(), a.versionCommand())
	root.SetHelpCommand(a.helpCommand())
	root.InitDefaultHelpCmd()
	return root
}

// knownVerb fails when the first argument names no verb. Cobra would look at the
// flags behind it first and complain of those.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return nil
	}
	var verbs []string
	for _, c := range root.Commands() {
		if c.Name() == args[0] {
			return nil
		}
		verbs = append(verbs, c.Name())
	}
	return &usageError{cmd: root, text: fmt.Sprintf("unknown verb %q", args[0]), meant: nearest(args[0], verbs)}
}

// color reports whether a writer is a terminal whose user wants colours.
func color(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
