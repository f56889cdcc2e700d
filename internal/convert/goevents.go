package convert

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
)

func (w *goWriter) namespace(ns *schema.Namespace) {
	prefix := w.names.Prefix(ns)
	w.connection(prefix+"Auth", ns.Auth)
	w.connection(prefix+"SocketData", ns.SocketData)
	said := false
	for i, direction := range []string{"ServerToClient", "ClientToServer", "ServerToServer"} {
		list := ns.Directions()[i]
		first := i == 0 && len(events(ns)) == 0 // it has to be there
		if len(list) == 0 && !first {
			continue
		}
		w.printf("// %s%s lists what %s.\n", prefix, direction,
			[]string{"the server sends", "clients send", "the servers of a cluster send to each other"}[i])
		if !said {
			said = true
			w.printf("//\n")
			if ns.Name != "/" {
				w.printf("//siogen:namespace %s\n", quoteIfNeeded(ns.Name))
			}
			for _, line := range docLines(ns.Doc) {
				w.printf("//siogen:%s\n", line)
			}
		}
		w.printf("type %s%s interface {\n", prefix, direction)
		for _, e := range list {
			w.event(e)
		}
		w.printf("}\n\n")
	}
}

// connection names the type of a connection that has another name.
func (w *goWriter) connection(name string, ref *schema.Ref) {
	if ref != nil && w.types[ref.Decl] != name {
		w.printf("type %s = %s\n\n", name, w.types[ref.Decl])
	}
}

func (w *goWriter) event(e *schema.Event) {
	name := e.GoName
	if name == "" {
		name = naming.Exported(e.Name)
	}
	w.printf("%s", w.comment(name, e.Doc))
	if e.Name != lowerFirst(name) || strings.HasPrefix(e.Name, `"`) {
		w.printf("//siogen:event %s\n", quoteIfNeeded(e.Name))
	}
	method := &methodWriter{goWriter: w}
	args := method.parameters(e.Args, "", e.Ack != nil)
	if e.Ack != nil {
		var inner []string
		if e.Ack.Error != nil {
			inner = append(inner, "err "+w.errorType(e.Ack.Error.Decl))
			method.taken = []string{"err"}
		} else {
			method.taken = nil
		}
		inner = append(inner, method.parameters(e.Ack.Args, "ack.", false)...)
		args = append(args, "ack func("+strings.Join(inner, ", ")+")")
	}
	for _, line := range method.lines {
		w.printf("//siogen:%s\n", line)
	}
	w.printf("%s(%s)\n", name, strings.Join(args, ", "))
}

func (w *goWriter) errorType(d *schema.Decl) string {
	if w.bare[d] {
		return "string"
	}
	if _, ok := d.Body.(*schema.Struct); ok {
		return "*" + w.types[d]
	}
	return w.types[d]
}

// methodWriter writes the parameters of one method.
type methodWriter struct {
	*goWriter
	taken []string // names of the parameters so far
	lines []string // directives
}

func (w *methodWriter) say(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// parameters writes arguments. More parameters follow when more is true.
func (w *methodWriter) parameters(fields []*schema.Field, scope string, more bool) []string {
	var params []string
	if scope == "" {
		w.taken = nil
		if more {
			w.taken = []string{"ack"}
		}
	}
	for i, f := range fields {
		ident := w.ident(f, scope == "ack." && i == 0 && len(w.taken) == 0)
		w.taken = append(w.taken, ident)
		name := scope + ident
		if ident != f.Name {
			w.say("arg %s name %s", name, quoteIfNeeded(f.Name))
		}
		w.about(name, f)
		typ := w.goType(f.Type)
		if null, ok := f.Type.(*schema.Nullable); ok && f.Optional {
			typ = w.threeStates(null.Elem)
		} else if f.Optional {
			w.say("optional %s", name)
			if isNullable(schema.Resolve(f.Type)) {
				typ = w.types[f.Type.(*schema.Ref).Decl]
			}
		}
		switch {
		case f.Variadic && more:
			w.say("variadic %s", name)
			typ = "[]" + typ
		case f.Variadic:
			typ = "..." + typ
		}
		params = append(params, ident+" "+typ)
	}
	return params
}

// about writes what there is to say about an argument.
func (w *methodWriter) about(name string, f *schema.Field) {
	for _, line := range docLines(f.Doc) {
		w.say("arg %s %s", name, line)
	}
	for _, line := range constraintLines(f.Constraints) {
		w.say("arg %s %s", name, line)
	}
	if wiresStrings(f.Type) {
		w.say("arg %s wire string", name)
	}
}

// ident is the name of the parameter: that of the argument if Go can have it.
func (w *methodWriter) ident(f *schema.Field, firstOfAck bool) string {
	name := f.Name
	if f.GoName != "" {
		name = f.GoName
	}
	if !token.IsIdentifier(name) || name == "_" {
		name = lowerFirst(naming.Exported(name))
	}
	for token.IsKeyword(name) || name == "err" && firstOfAck || slices.Contains(w.taken, name) {
		name += "_"
	}
	return name
}
