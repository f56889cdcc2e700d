package goschema

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// eventReader reads the methods of the interface of one direction.
type eventReader struct {
	*loader
	prefix, direction string
	seen              map[string]bool // methods; an embedded interface may repeat one
	events            []*schema.Event
}

// interfaceEvents reads the methods of a named interface in the order of the
// source, those of an embedded interface where it stands.
func (r *eventReader) interfaceEvents(obj *types.TypeName) {
	iface, ok := obj.Type().Underlying().(*types.Interface)
	if !ok {
		return
	}
	ts := r.typeSyntax(obj)
	var list []*ast.Field
	if ts != nil {
		r.readTypes[ts.spec] = true
		if t, ok := ast.Unparen(ts.spec.Type).(*ast.InterfaceType); ok {
			list = t.Methods.List
		}
	}
	type step struct {
		pos    token.Pos
		method *types.Func
		inner  types.Type
	}
	var steps []step
	for i := range iface.NumExplicitMethods() {
		m := iface.ExplicitMethod(i)
		steps = append(steps, step{pos: m.Pos(), method: m})
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.pos, b.pos) })
	embedded := 0
	for i, f := range list {
		if len(f.Names) > 0 {
			continue
		}
		if embedded < iface.NumEmbeddeds() {
			steps = slices.Insert(steps, min(i, len(steps)), step{pos: f.Pos(), inner: iface.EmbeddedType(embedded)})
			embedded++
		}
	}
	for ; embedded < iface.NumEmbeddeds(); embedded++ {
		steps = append(steps, step{inner: iface.EmbeddedType(embedded)})
	}
	for _, s := range steps {
		if s.method != nil {
			r.method(s.method, r.methodSyntax(s.method))
			continue
		}
		r.embedded(obj, s.inner, s.pos)
	}
}

func (r *eventReader) embedded(obj *types.TypeName, inner types.Type, pos token.Pos) {
	if isInvalid(inner) {
		return
	}
	named, ok := types.Unalias(inner).(*types.Named)
	if ok && types.IsInterface(named) && named.TypeArgs().Len() == 0 {
		r.interfaceEvents(named.Obj())
		return
	}
	r.errorf(diag.CodeGoSignature, r.between(pos, token.NoPos), "embed an interface that has a name", "%s embeds what is no interface of events", obj.Name())
}

// method reads an event.
func (r *eventReader) method(m *types.Func, syntax *ast.Field) {
	if r.seen[m.Name()] {
		return
	}
	r.seen[m.Name()] = true
	sig := m.Signature()
	e := &schema.Event{Name: lowerFirst(m.Name()), Span: r.between(m.Pos(), m.Pos()+token.Pos(len(m.Name())))}
	var dirs []directive
	var fn *ast.FuncType
	if syntax != nil {
		e.Span = r.span(syntax.Names[0])
		dirs = r.directives(onMethod, syntax.Doc, syntax.Comment)
		e.Doc = r.doc(m.Name(), dirs, syntax.Doc, syntax.Comment)
		fn, _ = syntax.Type.(*ast.FuncType)
	}
	if !m.Exported() {
		r.errorf(diag.CodeGoSignature, e.Span, "begin with a capital", "the event %s is not exported", m.Name())
		return
	}
	for _, d := range dirs {
		if d.name == "event" {
			e.Name = r.text(d)
			if d.args == "" {
				r.errorf(diag.CodeDirective, d.span, `write the name behind it; the empty one is ""`, "%sevent names no event", directivePrefix)
			}
		}
	}
	if naming.Exported(e.Name) != m.Name() {
		e.GoName = m.Name()
	}
	if sig.Results().Len() > 0 {
		span := e.Span
		if fn != nil && fn.Results != nil {
			span = r.span(fn.Results)
		}
		r.errorf(diag.CodeGoSignature, span, "what the other end answers is the last parameter: ack func(members []User)", "the event %s returns a value", m.Name())
	}
	args := &argReader{eventReader: r, method: m.Name(), said: r.said(dirs)}
	own := owner{r.prefix + camel(e.Name), r.prefix + r.direction + camel(e.Name)}
	e.Args, e.Ack = args.parameters(sig, fn, own)
	args.unknown()
	r.events = append(r.events, e)
}

// said is what directives of a method say about its arguments, by name; those of
// the ack are called ack.name.
func (r *eventReader) said(dirs []directive) map[string][]directive {
	about := map[string][]directive{}
	for _, d := range dirs {
		switch d.name {
		case "optional", "variadic":
			if d.args == "" {
				r.errorf(diag.CodeDirective, d.span, "", "%s%s names no argument", directivePrefix, d.name)
			}
			for _, name := range strings.Fields(d.args) {
				about[name] = append(about[name], d)
			}
		case "arg":
			name, rest, _ := word(d.args)
			key, value, _ := word(rest)
			known := onField.allowed()
			if name == "" || !slices.Contains(known, key) {
				hint := fmt.Sprintf("write %sarg NAME KEY VALUE, where KEY is one of %s", directivePrefix, strings.Join(known, ", "))
				if near := diag.Nearest(key, known); near != "" {
					hint = fmt.Sprintf("did you mean %s?", near)
				}
				r.errorf(diag.CodeDirective, d.span, hint, "%sarg says nothing known", directivePrefix)
				about[name] = append(about[name], directive{})
				continue
			}
			about[name] = append(about[name], directive{name: key, args: value, pos: d.pos, span: d.span})
		}
	}
	return about
}

// argReader reads the parameters of one method.
type argReader struct {
	*eventReader
	method string
	said   map[string][]directive
	known  []string
}

// unknown reports directives about arguments that there are not.
func (r *argReader) unknown() {
	for name, dirs := range r.said {
		if slices.Contains(r.known, name) {
			continue
		}
		for _, d := range dirs {
			hint := ""
			if near := diag.Nearest(name, r.known); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			if d.span.IsValid() {
				r.errorf(diag.CodeDirective, d.span, hint, "%s has no argument %q", r.method, name)
			}
		}
	}
}

// parameter is a parameter with its syntax.
type parameter struct {
	v    *types.Var
	name *ast.Ident
	expr ast.Expr
}

func parametersOf(sig *types.Signature, fn *ast.FuncType) []parameter {
	var params []parameter
	for i := range sig.Params().Len() {
		params = append(params, parameter{v: sig.Params().At(i)})
	}
	if fn == nil {
		return params
	}
	i := 0
	for _, f := range fn.Params.List {
		names := f.Names
		if len(names) == 0 {
			names = []*ast.Ident{nil}
		}
		for _, name := range names {
			if i < len(params) {
				params[i].name, params[i].expr = name, f.Type
			}
			i++
		}
	}
	return params
}

func (r *argReader) parameters(sig *types.Signature, fn *ast.FuncType, own owner) ([]*schema.Field, *schema.Ack) {
	params := parametersOf(sig, fn)
	var ack *schema.Ack
	if n := len(params); n > 0 {
		if inner, ok := params[n-1].v.Type().Underlying().(*types.Signature); ok {
			ack = r.ack(inner, params[n-1], own)
			params = params[:n-1]
		}
	}
	var args []*schema.Field
	for i, p := range params {
		if f := r.argument(p, "", own, sig.Variadic() && i == sig.Params().Len()-1); f != nil {
			args = append(args, f)
		}
	}
	return args, ack
}

// ack reads the last parameter, a function.
func (r *argReader) ack(sig *types.Signature, p parameter, own owner) *schema.Ack {
	ack := &schema.Ack{Span: r.paramSpan(p)}
	fn, _ := p.expr.(*ast.FuncType)
	if sig.Results().Len() > 0 {
		r.errorf(diag.CodeGoSignature, ack.Span, "write ack func(…), without results", "the ack of %s returns a value", r.method)
	}
	params := parametersOf(sig, fn)
	if len(params) > 0 && params[0].v.Name() == "err" {
		ack.Error = r.ackError(params[0], own)
		params = params[1:]
	}
	own = append(own[:len(own):len(own)], own.child("Ack")...)
	for i, a := range params {
		if f := r.argument(a, "ack.", own, sig.Variadic() && i == len(params)-1); f != nil {
			ack.Args = append(ack.Args, f)
		}
	}
	return ack
}

// ackError reads the parameter err of an ack.
func (r *argReader) ackError(p parameter, own owner) *schema.Ref {
	t := p.v.Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	span := r.exprSpan(p)
	if basic, ok := types.Unalias(t).(*types.Basic); ok && basic.Kind() == types.String {
		decl := r.hoist(own.child("Error"), site{span: span, pos: p.v.Pos()})
		decl.IsError = true
		decl.Body = &schema.Alias{Type: &schema.Primitive{Kind: schema.String, Span: span}}
		return &schema.Ref{Name: decl.Name, Decl: decl, Span: span}
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		r.errorf(diag.CodeBadAckError, span, "name the type that travels: err *JoinError, or err string", "the error of an ack must be a type of its own")
		return nil
	}
	typ := r.typeOf(t, site{span: span, own: own.child("Error"), what: "err", pos: p.v.Pos()})
	if typ == nil {
		return nil
	}
	ref, ok := typ.(*schema.Ref)
	if !ok {
		r.errorf(diag.CodeBadAckError, span, "a struct with a code and a message serves well", "the error of an ack must be a string, an enum or a struct")
		return nil
	}
	r.later(func() {
		if target, ok := schema.Resolve(ref).(*schema.Ref); ok {
			ref.Name, ref.Decl = target.Name, target.Decl
		}
		if ref.Decl != nil {
			ref.Decl.IsError = true
		}
	})
	r.mustBeError(t, span)
	return ref
}

// mustBeError checks that handlers can return the type as their error, and
// callers find it with errors.As: a struct through its pointer, all else as it is.
func (l *loader) mustBeError(t types.Type, span diag.Span) {
	if isInvalid(t) {
		return
	}
	want, name := t, types.TypeString(t, (*types.Package).Name)
	if _, ok := t.Underlying().(*types.Struct); ok {
		want, name = types.NewPointer(t), "*"+name
	}
	if !types.Implements(want, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) {
		short := types.TypeString(want, func(*types.Package) string { return "" })
		l.errorf(diag.CodeGoError, span, fmt.Sprintf("declare func (e %s) Error() string", short), "%s is the error of an ack and has no method Error", name)
	}
}

func (r *argReader) paramSpan(p parameter) diag.Span {
	if p.name != nil {
		return r.span(p.name)
	}
	if p.expr != nil {
		return r.span(p.expr)
	}
	return r.between(p.v.Pos(), token.NoPos)
}

func (r *argReader) exprSpan(p parameter) diag.Span {
	if p.expr != nil {
		return r.span(p.expr)
	}
	return r.between(p.v.Pos(), token.NoPos)
}

// argument reads one parameter. scope is "ack." for those of the ack.
func (r *argReader) argument(p parameter, scope string, own owner, variadic bool) *schema.Field {
	f := &schema.Field{Name: p.v.Name(), Span: r.paramSpan(p)}
	if f.Name == "" || f.Name == "_" {
		hint := "name it: " + example(p)
		r.errorf(diag.CodeGoSignature, f.Span, hint, "a parameter of %s has no name; it is the name of the argument", r.method)
		return nil
	}
	r.known = append(r.known, scope+f.Name)
	dirs := r.said[scope+f.Name]
	optional := false
	for _, d := range dirs {
		switch d.name {
		case "name":
			f.Name, _ = unquote(d.args)
			if naming.Exported(f.Name) != naming.Exported(p.v.Name()) {
				f.GoName = p.v.Name()
			}
		case "optional":
			optional = true
		case "variadic":
			variadic = true
		}
	}
	t := p.v.Type()
	if variadic {
		slice, ok := t.Underlying().(*types.Slice)
		if !ok {
			r.errorf(diag.CodeBadVariadic, f.Span, "", "the variadic argument %q must be a slice", f.Name)
			return nil
		}
		t, f.Variadic = slice.Elem(), true
	}
	if _, ok := t.Underlying().(*types.Signature); ok {
		r.errorf(diag.CodeGoSignature, r.exprSpan(p), "the ack stands last: ack func(…)", "a function cannot travel: the parameter %s of %s", p.v.Name(), r.method)
		return nil
	}
	if optional && variadic {
		r.errorf(diag.CodeBadVariadic, f.Span, "remove "+directivePrefix+"optional: a variadic argument may be empty", "the variadic argument %q cannot be optional as well", f.Name)
	}
	if len(own) > 0 {
		own = own.child(f.Name)
	}
	at := site{span: r.exprSpan(p), own: own, what: fmt.Sprintf("the argument %s of %s", p.v.Name(), r.method), pos: p.v.Pos()}
	if elem, ok := optionalOf(t); ok {
		f.Optional = true
		f.Type = threeStates(r.typeOf(elem, at), at.span)
	} else if ptr, ok := t.(*types.Pointer); ok && optional {
		f.Type = r.typeOf(ptr.Elem(), at)
	} else {
		f.Type = r.typeOf(t, at)
	}
	f.Optional = f.Optional || optional
	f.Doc = r.doc("", dirs)
	r.fieldDirectives(f, dirs, at)
	if f.Type == nil {
		return nil
	}
	arrayLength(f)
	return f
}

// example shows how a parameter could be named.
func example(p parameter) string {
	text := types.TypeString(p.v.Type(), func(*types.Package) string { return "" })
	name := strings.ToLower(strings.TrimLeft(text, "*[]."))
	if i := strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }); i >= 0 {
		name = name[:i]
	}
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil || name == "" {
		name = "value"
	}
	return name + " " + text
}
