package cli

import (
	"context"
	"go/token"
	"path/filepath"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/goschema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// load reads a contract: a schema file, or a Go package with options.
func load(ctx context.Context, name string, o goschema.Options) (*schema.Schema, []diag.Diagnostic, error) {
	if !goschema.IsPackage(name) {
		s, diags := yamlschema.Load(name, yamlschema.Options{})
		return s, diags, nil
	}
	return goschema.Load(ctx, name, o)
}

// packageName is the name of a generated package when nothing says otherwise.
// That of a Go package is taken by its contract: what is generated elsewhere from
// it is called like its folder.
func (j job) packageName(s *schema.Schema) string {
	if j.golang == nil || j.golang.Out == "" || s.PackageOf == nil {
		return s.Package
	}
	dir, err := filepath.Abs(j.golang.Out)
	if err != nil {
		return s.Package
	}
	if name := filepath.Base(dir); token.IsIdentifier(name) && name != "main" {
		return name
	}
	return s.Package
}
