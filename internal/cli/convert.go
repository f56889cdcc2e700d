package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/siogen/siogen/internal/convert"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
)

func (a *app) convertCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "convert FROM TO",
		Short: "Turn a schema into Go interfaces, or Go interfaces into a schema",
		Long: `Convert reads the contract FROM, a schema file or a Go package, and writes it to the
file TO in the other language: one that ends in .yaml or .yml, or in .go. It
overwrites nothing.

Names on the wire, documentation and constraints stay. Converted back, the
contract is the same.`,
		Example: `  siogen convert events.yaml internal/events/events.go
  siogen convert ./internal/events events.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &usageError{cmd: cmd, text: "convert takes two arguments: FROM and TO"}
			}
			return atMost(2)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.convert(cmd, args[0], args[1])
		},
	}
}

func (a *app) convert(cmd *cobra.Command, from, to string) error {
	write, err := converter(cmd, from, to)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &usageError{cmd: cmd, text: to + " is there already; nothing was written"}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s, diags, err := load(cmd.Context(), from, goschema.Options{})
	if err != nil {
		return err
	}
	if diag.HasErrors(diags) {
		return &diagnosticsError{diags: diags}
	}
	a.diagnostics(diags)
	text, err := write(s)
	if err != nil {
		var name *convert.NameError
		if errors.As(err, &name) {
			return &usageError{cmd: cmd, text: name.Error()}
		}
		return err
	}
	if err := writeConverted(to, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.io.Out, "written %s\n", slash(to))
	return err
}

// converter writes the language of to, which must not be that of from.
func converter(cmd *cobra.Command, from, to string) (func(*schema.Schema) ([]byte, error), error) {
	isGo := goschema.IsPackage(from)
	switch strings.ToLower(filepath.Ext(to)) {
	case ".go":
		if !isGo {
			return convert.Go, nil
		}
		return nil, &usageError{cmd: cmd, text: fmt.Sprintf("%s is a Go package already; convert it to a .yaml file", from)}
	case ".yaml", ".yml":
		if isGo {
			return convert.YAML, nil
		}
		return nil, &usageError{cmd: cmd, text: fmt.Sprintf("%s is a schema file already; convert it to a .go file", from)}
	default:
		return nil, &usageError{cmd: cmd, text: fmt.Sprintf("TO must be a file that ends in .yaml or .go, not %q", to)}
	}
}

// writeConverted writes a file where none is.
func writeConverted(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
