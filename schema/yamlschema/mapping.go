package yamlschema

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"unicode"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// mappings reads go: {type, via} and ts: of a type or a field.
func (r *reader) mappings(o object) (*schema.GoMapping, *schema.TSMapping) {
	var goMapping *schema.GoMapping
	var ts *schema.TSMapping
	if e, ok := o.get("go"); ok {
		goMapping = r.goMapping(e)
	}
	if e, ok := o.get("ts"); ok {
		ts = r.tsMapping(e)
	}
	return goMapping, ts
}

func (r *reader) goMapping(e entry) *schema.GoMapping {
	hint := "write go: {type: github.com/google/uuid.UUID} or go: {name: ID}"
	o, ok := r.object(e.value, goLevel(), "go", hint, nil)
	if !ok {
		return nil
	}
	typ, ok := o.get("type")
	if !ok {
		if via, stray := o.get("via"); stray {
			r.errorf(diag.CodeMissingKey, via.span, "add type: the Go type to convert", "via needs a type")
		}
		return nil
	}
	text, ok := r.text(typ, hint)
	if !ok {
		return nil
	}
	mapping := parseGoType(text)
	if mapping == nil {
		r.errorf(diag.CodeBadGoType, r.valueSpan(typ), "write the import path, a dot and the name: github.com/google/uuid.UUID, with * in front for a pointer", "%q is not a Go type", text)
		return nil
	}
	mapping.Span = r.valueSpan(typ)
	if via, ok := o.get("via"); ok {
		mapping.Via = r.via(via)
	}
	return mapping
}

func (r *reader) via(e entry) schema.Via {
	text, ok := r.text(e, "")
	switch text {
	case "text":
		return schema.ViaText
	case "convert":
		return schema.ViaConvert
	case "json":
		return schema.ViaJSON
	}
	if ok {
		hint := "the conversions are text, convert and json"
		if near := diag.Nearest(text, []string{"text", "convert", "json"}); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		r.errorf(diag.CodeBadVia, r.valueSpan(e), hint, "unknown conversion %q", text)
	}
	return 0
}

// parseGoType splits [*]import/path.Name; nil when it is nothing of the kind.
func parseGoType(text string) *schema.GoMapping {
	name, pointer := strings.CutPrefix(text, "*")
	m := &schema.GoMapping{Pointer: pointer, TypeName: name}
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		m.ImportPath, m.TypeName = name[:dot], name[dot+1:]
		if !isImportPath(m.ImportPath) || !token.IsIdentifier(m.TypeName) || !token.IsExported(m.TypeName) {
			return nil
		}
		return m
	}
	if _, isType := types.Universe.Lookup(name).(*types.TypeName); !isType || name == "comparable" {
		return nil
	}
	return m
}

// isImportPath follows the rules of the Go command for import paths.
func isImportPath(path string) bool {
	for elem := range strings.SplitSeq(path, "/") {
		if elem == "" || elem[0] == '.' || elem[len(elem)-1] == '.' {
			return false
		}
		for _, c := range elem {
			if c > unicode.MaxASCII || !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~+", c)) {
				return false
			}
		}
	}
	return true
}

func (r *reader) tsMapping(e entry) *schema.TSMapping {
	hint := "write ts: {type: UserID, import: ./ids}"
	o, ok := r.object(e.value, tsLevel(), "ts", hint, nil)
	if !ok {
		return nil
	}
	typ, ok := o.get("type")
	if !ok {
		r.errorf(diag.CodeMissingKey, e.span, hint, "ts names no type")
		return nil
	}
	text, ok := r.text(typ, hint)
	if !ok {
		return nil
	}
	m := &schema.TSMapping{Type: strings.TrimSpace(text), Span: r.valueSpan(typ)}
	if problem := schema.CheckTSType(m.Type); problem != "" {
		r.errorf(diag.CodeBadTSType, m.Span, "", "%q is not a TypeScript type: %s", m.Type, problem)
		return nil
	}
	from, ok := o.get("import")
	if !ok {
		return m
	}
	if m.Import, ok = r.text(from, hint); !ok {
		return m
	}
	if strings.TrimSpace(m.Import) == "" || strings.ContainsFunc(m.Import, unicode.IsControl) {
		r.errorf(diag.CodeBadTSType, r.valueSpan(from), hint, "%q is not the name of a module", m.Import)
	}
	if first := schema.LeadingTSName(m.Type); first == "" {
		r.errorf(diag.CodeBadTSType, m.Span, "begin with the name to import", "%q does not begin with a name that could be imported", m.Type)
	}
	return m
}
