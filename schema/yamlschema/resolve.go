package yamlschema

import (
	"fmt"
	"strings"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// maxComparisons bounds the search for the nearest names of unknown types.
const maxComparisons = 1_000_000

// resolve binds references to declarations, once all of them are known, and
// settles what depends on it.
func (l *loader) resolve() {
	var names []string
	for _, decl := range l.out.Types {
		if !decl.Inline {
			names = append(names, decl.Name)
		}
	}
	names = append(names, schema.KindNames()...)
	comparisons := 0
	for _, ref := range l.refs {
		if decl := l.declared[ref.Name]; decl != nil && !decl.Inline {
			ref.Decl = decl
			continue
		}
		if comparisons += len(names); comparisons > maxComparisons {
			names = nil
		}
		l.report(diag.Diagnostic{
			Code: diag.CodeUnknownType, Span: ref.Span,
			Message: fmt.Sprintf("unknown type %q", ref.Name), Hint: unknownTypeHint(ref.Name, names),
		})
	}
	for _, decl := range l.out.Types {
		l.settle(decl)
	}
	for _, ns := range l.out.Namespaces {
		ns.Auth = l.unalias(ns.Auth)
		ns.SocketData = l.unalias(ns.SocketData)
		for _, events := range ns.Directions() {
			for _, event := range events {
				l.settleEvent(event)
			}
		}
	}
}

// foreignTypes are words of other languages for the built-in types.
func foreignTypes() map[string]string {
	return map[string]string{
		"integer": "int", "long": "int64", "short": "int16", "byte": "uint8", "rune": "int32", "uuid": "string",
		"number": "float64", "double": "float64", "float": "float64", "decimal": "string", "bigint": "int64",
		"boolean": "bool", "str": "string", "text": "string", "char": "string",
		"binary": "bytes", "buffer": "bytes", "blob": "bytes", "arraybuffer": "bytes",
		"date": "time", "datetime": "time", "timestamp": "time", "time.time": "time",
		"object": "map[string]any", "record": "map[string]any", "unknown": "any", "interface": "any", "json": "any",
		"undefined": "a ? behind the name of the field", "array": "[]any", "list": "[]any",
	}
}

func unknownTypeHint(name string, known []string) string {
	if word := foreignTypes()[strings.ToLower(name)]; word != "" {
		return fmt.Sprintf("in a schema that is %s", word)
	}
	if strings.Contains(name, ".") {
		return "a Go type of your own stands under types: {ID: {type: string, go: {type: github.com/google/uuid.UUID}}}"
	}
	if near := diag.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "declare it under types"
}

// settle collapses T | null where T is a name for something that may be null
// already, and chooses the default conversion of a mapped type.
func (l *loader) settle(decl *schema.Decl) {
	switch body := decl.Body.(type) {
	case *schema.Struct:
		for _, f := range body.Fields {
			f.Type = collapse(f.Type)
		}
	case *schema.Alias:
		body.Type = collapse(body.Type)
	}
	if decl.Go != nil && decl.Go.Via == 0 {
		decl.Go.Via = schema.ViaJSON
		if decl.IsText() {
			decl.Go.Via = schema.ViaText
		}
	}
}

func (l *loader) settleEvent(event *schema.Event) {
	for _, f := range event.Args {
		f.Type = collapse(f.Type)
	}
	if event.Ack == nil {
		return
	}
	for _, f := range event.Ack.Args {
		f.Type = collapse(f.Type)
	}
	if event.Ack.Error = l.unalias(event.Ack.Error); event.Ack.Error != nil && event.Ack.Error.Decl != nil {
		event.Ack.Error.Decl.IsError = true
	}
}

// collapse removes "| null" from the name of a type that has it already.
func collapse(t schema.Type) schema.Type {
	switch outer := t.(type) {
	case *schema.List:
		outer.Elem = collapse(outer.Elem)
	case *schema.Map:
		outer.Elem = collapse(outer.Elem)
	case *schema.Nullable:
		outer.Elem = collapse(outer.Elem)
		switch inner := schema.Resolve(outer.Elem).(type) {
		case *schema.Nullable:
			return outer.Elem
		case *schema.Primitive:
			if inner.Kind == schema.AnyKind {
				return outer.Elem
			}
		}
	}
	return t
}

// unalias follows a name for another named type, as far as it leads to one.
func (l *loader) unalias(ref *schema.Ref) *schema.Ref {
	if ref == nil || ref.Decl == nil {
		return ref
	}
	if target, ok := schema.Resolve(ref).(*schema.Ref); ok && target.Decl != nil {
		return &schema.Ref{Name: target.Name, Decl: target.Decl, Span: ref.Span}
	}
	return ref
}
