package goschema

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// candidate is a field that encoding/json would consider, of the struct itself
// or of one embedded in it.
type candidate struct {
	v      *types.Var
	tag    fieldTag
	raw    string
	path   []step
	syntax *ast.Field
	name   *ast.Ident
}

// step leads into an embedded struct.
type step struct {
	v       *types.Var
	pointer bool
}

// fieldTag is a parsed json tag.
type fieldTag struct {
	name                           string // on the wire
	named                          bool   // by the tag
	skip, empty, zero, str, exists bool
}

func parseTag(v *types.Var, tag string) fieldTag {
	text, ok := reflect.StructTag(tag).Lookup("json")
	t := fieldTag{name: v.Name(), exists: ok, skip: text == "-"}
	name, rest, _ := strings.Cut(text, ",")
	if isTagName(name) {
		t.name, t.named = name, true
	}
	for option := range strings.SplitSeq(rest, ",") {
		switch option {
		case "omitempty":
			t.empty = true
		case "omitzero":
			t.zero = true
		case "string":
			t.str = true
		}
	}
	return t
}

// isTagName follows encoding/json, which passes over other names.
func isTagName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}

// structReader reads the fields of one struct.
type structReader struct {
	*loader
	decl  *schema.Decl
	t     types.Type
	named bool // the struct has a name
	found []candidate
	// inside are the embedded structs on the way, against endless recursion.
	inside []types.Type
}

// structFields reads the fields of a named struct type as encoding/json has
// them.
func (l *loader) structFields(t types.Type, decl *schema.Decl) []*schema.Field {
	if path := lockIn(t); path != nil && marshals(t) == 0 {
		l.errorf(diag.CodeGoWire, decl.Span, "hold a pointer to it, in a field that does not travel",
			"%s is copied when it travels, but holds a lock: %s", decl.Name, strings.Join(path, "."))
	}
	r := &structReader{loader: l, decl: decl, t: t, named: true}
	r.collect(t, l.structExpr(t), nil)
	return r.fields()
}

// structExpr is the syntax of a named struct.
func (l *loader) structExpr(t types.Type) *ast.StructType {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil
	}
	if ts := l.typeSyntax(named.Obj()); ts != nil {
		return structSyntax(ts.spec.Type)
	}
	return nil
}

// structInPlace reads a struct without a name.
func (l *loader) structInPlace(t *types.Struct, at site) schema.Type {
	if len(at.own) == 0 {
		l.noWire(at, "give it a name", "a struct without a name here")
		return nil
	}
	for f := range t.Fields() {
		if !f.Exported() || f.Embedded() {
			l.errorf(diag.CodeGoWire, at.span, "give the struct a name", "%s is a struct without a name and with unexported or embedded fields, which generated code cannot spell", at.what)
			return nil
		}
	}
	decl := l.hoist(at.own, at)
	decl.Own = &schema.GoName{}
	l.todo = append(l.todo, func() {
		r := &structReader{loader: l, decl: decl, t: t}
		r.collect(t, l.structAt(at.pos), nil)
		decl.Body = &schema.Struct{Fields: r.fields()}
	})
	return refTo(decl, at.span)
}

// structAt is the syntax of the first struct behind a place, of the field that
// stands there.
func (l *loader) structAt(pos token.Pos) *ast.StructType {
	for _, f := range l.pkg.Syntax {
		if pos < f.FileStart || pos >= f.FileEnd {
			continue
		}
		var found *ast.StructType
		ast.Inspect(f, func(n ast.Node) bool {
			if st, ok := n.(*ast.StructType); ok && found == nil && st.Pos() >= pos {
				found = st
			}
			return found == nil
		})
		return found
	}
	return nil
}

// collect gathers the fields of a struct, those of embedded ones where these
// stand.
func (r *structReader) collect(t types.Type, syntax *ast.StructType, path []step) {
	st := t.Underlying().(*types.Struct)
	r.inside = append(r.inside, t)
	var idents []*ast.Ident
	var fields []*ast.Field
	if syntax != nil {
		for _, f := range syntax.Fields.List {
			if len(f.Names) == 0 {
				idents, fields = append(idents, nil), append(fields, f)
			}
			for _, name := range f.Names {
				idents, fields = append(idents, name), append(fields, f)
			}
		}
	}
	for i := range st.NumFields() {
		c := candidate{v: st.Field(i), raw: st.Tag(i), tag: parseTag(st.Field(i), st.Tag(i)), path: path}
		if i < len(fields) && len(fields) == st.NumFields() {
			c.name, c.syntax = idents[i], fields[i]
		}
		r.consider(c)
	}
	r.inside = r.inside[:len(r.inside)-1]
}

func (r *structReader) consider(c candidate) {
	if c.tag.skip {
		return
	}
	if c.v.Embedded() && !c.tag.named {
		inner, pointer := c.v.Type(), false
		if p, ok := types.Unalias(inner).(*types.Pointer); ok {
			inner, pointer = p.Elem(), true
		}
		if _, ok := inner.Underlying().(*types.Struct); ok && !isSpecialStruct(inner) {
			r.embed(c, inner, pointer)
			return
		}
	}
	if !c.v.Exported() {
		if c.tag.exists && r.isNear(c.v) {
			r.errorf(diag.CodeGoTag, r.nameSpan(c), "begin its name with a capital, or remove the tag", "the field %s has a json tag and is not exported: it would never travel", c.v.Name())
		}
		return
	}
	r.found = append(r.found, c)
}

// isSpecialStruct reports whether an embedded struct is one value on the wire.
func isSpecialStruct(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && (isSpecial(named.Obj()) || marshals(named) != 0)
}

func (r *structReader) embed(c candidate, inner types.Type, pointer bool) {
	for _, t := range r.inside {
		if types.Identical(t, inner) {
			return
		}
	}
	if pointer && !c.v.Exported() {
		r.errorf(diag.CodeGoWire, r.nameSpan(c), "embed it without the *, or export it", "the embedded pointer %s is not exported: it could not be filled in", c.v.Name())
		return
	}
	r.collect(inner, r.structExpr(inner), append(slices.Clone(c.path), step{c.v, pointer}))
}

func (r *structReader) nameSpan(c candidate) diag.Span {
	switch {
	case c.name != nil:
		return r.span(c.name)
	case c.syntax != nil:
		return r.span(c.syntax.Type)
	default:
		return r.decl.Span
	}
}

// fields are those that stand in the JSON: of several with one name the least
// deep, then one whose tag names it; otherwise none.
func (r *structReader) fields() []*schema.Field {
	var fields []*schema.Field
	for _, c := range r.found {
		if r.dominant(c) {
			if f := r.field(c); f != nil {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

func (r *structReader) dominant(c candidate) bool {
	for _, other := range r.found {
		if other.v == c.v && samePath(other.path, c.path) || other.tag.name != c.tag.name {
			continue
		}
		if len(other.path) < len(c.path) || len(other.path) == len(c.path) && (other.tag.named || !c.tag.named) {
			return false
		}
	}
	return true
}

func samePath(a, b []step) bool { return slices.Equal(a, b) }

// field reads one field.
func (r *structReader) field(c candidate) *schema.Field {
	f := &schema.Field{Name: c.tag.name, Span: r.nameSpan(c)}
	at := site{span: f.Span, what: fmt.Sprintf("the field %s of %s", c.v.Name(), r.decl.Name), pos: c.v.Pos(), pkg: c.v.Pkg()}
	at.own = owner{camel(r.decl.Name)}.child(f.Name)
	var dirs []directive
	if c.syntax != nil {
		at.span = r.span(c.syntax.Type)
		dirs = r.directives(onField, c.syntax.Doc, c.syntax.Comment)
		f.Doc = r.doc(c.v.Name(), dirs, c.syntax.Doc, c.syntax.Comment)
	}
	for _, d := range dirs {
		if d.name == "name" {
			f.Name = r.text(d)
		}
	}
	if derived := naming.Exported(f.Name); derived != c.v.Name() && !(derived == "Error" && c.v.Name() == "ErrorField") {
		f.GoName = c.v.Name()
	}
	if f.Own = r.goField(c); f.Own == nil {
		return nil
	}
	r.presence(c, f, at)
	for _, s := range c.path {
		f.Optional = f.Optional || s.pointer
	}
	if c.tag.str {
		r.stringOption(c, f)
	}
	r.fieldDirectives(f, dirs, at)
	if f.Type == nil {
		return nil
	}
	arrayLength(f)
	return f
}

// presence finds out what may be absent and what may be null.
func (r *structReader) presence(c candidate, f *schema.Field, at site) {
	t := c.v.Type()
	if elem, ok := optionalOf(t); ok {
		f.Optional, f.Own.Form = true, schema.GoOptional
		f.Type = threeStates(r.typeOf(elem, at), at.span)
		return
	}
	if f.Own.Omit, f.Optional = r.omit(c, t, f); !f.Optional {
		f.Type = r.typeOf(t, at)
		return
	}
	if p, ok := t.(*types.Pointer); ok { // not through an alias, which is a type of the contract
		t = p.Elem()
		if _, ok := t.Underlying().(*types.Pointer); ok {
			r.noWire(at, "three states are runtime.Optional[T]", "a pointer to a pointer")
			return
		}
		f.Own.Form = schema.GoPointer
		f.Type = r.typeOf(t, at)
		return
	}
	f.Type = r.typeOf(t, at)
}

// omit says whether a field may be absent, and how it shows that it is.
func (r *structReader) omit(c candidate, t types.Type, f *schema.Field) (how schema.GoOmit, optional bool) {
	if !c.tag.empty && !c.tag.zero {
		return schema.OmitNever, false
	}
	if c.tag.zero && hasIsZero(t) {
		return schema.OmitIsZero, true
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return schema.OmitNil, true
	case *types.Slice, *types.Map:
		if c.tag.empty {
			return schema.OmitEmpty, true
		}
		return schema.OmitNil, true
	case *types.Basic:
		return schema.OmitEmpty, true
	default:
		if c.tag.zero && isPlain(u) {
			return schema.OmitZero, true
		}
		if c.tag.zero {
			return schema.OmitNever, true // there is no telling without reflection
		}
	}
	if c.tag.empty && r.isNear(c.v) {
		r.report(diag.Diagnostic{
			Code: diag.CodeGoTag, Severity: diag.Warning, Span: f.Span, Hint: "omitzero leaves out a zero value",
			Message: fmt.Sprintf("omitempty never leaves out the field %s: %s is never empty", c.v.Name(), kindWord(t)),
		})
	}
	return schema.OmitNever, false
}

// isPlain reports whether values of a type can be compared, whatever they are.
func isPlain(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if !isPlain(f.Type()) {
				return false
			}
		}
		return true
	case *types.Array:
		return isPlain(t.Elem())
	case *types.Interface:
		return false // what it holds may not be
	default:
		return types.Comparable(t)
	}
}

// lockIn is the path to a lock inside a type, which must not be copied; nil: there
// is none.
func lockIn(t types.Type) []string {
	if types.NewMethodSet(t).Lookup(nil, "Lock") == nil && !types.IsInterface(t) {
		methods := types.NewMethodSet(types.NewPointer(t))
		if methods.Lookup(nil, "Lock") != nil && methods.Lookup(nil, "Unlock") != nil {
			return []string{types.TypeString(t, (*types.Package).Name)}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if path := lockIn(f.Type()); path != nil {
				return append([]string{f.Name()}, path...)
			}
		}
	case *types.Array:
		return lockIn(u.Elem())
	}
	return nil
}

func kindWord(t types.Type) string {
	if _, ok := t.Underlying().(*types.Array); ok {
		return "an array"
	}
	return "a struct"
}

func hasIsZero(t types.Type) bool {
	sel := types.NewMethodSet(t).Lookup(nil, "IsZero")
	if sel == nil {
		return false
	}
	sig, ok := sel.Obj().Type().(*types.Signature)
	return ok && sig.Params().Len() == 0 && sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Typ[types.Bool])
}

// goField says how generated code gets at a field.
func (r *structReader) goField(c candidate) *schema.GoField {
	g := &schema.GoField{}
	if !r.named {
		g.Tag = c.raw
	}
	promoted := r.promoted(c)
	for _, s := range c.path {
		if promoted && !s.pointer {
			continue
		}
		if !s.v.Exported() {
			r.errorf(diag.CodeGoWire, r.nameSpan(c), "export the embedded struct", "generated code cannot reach the field %s inside the unexported %s", c.v.Name(), s.v.Name())
			return nil
		}
		inner := s.v.Type()
		if p, ok := types.Unalias(inner).(*types.Pointer); ok {
			inner = p.Elem()
		}
		st := schema.GoStep{Name: s.v.Name(), Pointer: s.pointer}
		if named, ok := types.Unalias(inner).(*types.Named); ok {
			st.Embedded = r.goName(named.Obj(), named)
		}
		g.Path = append(g.Path, st)
	}
	g.Path = append(g.Path, schema.GoStep{Name: c.v.Name()})
	return g
}

// promoted reports whether the bare name of a field selects it.
func (r *structReader) promoted(c candidate) bool {
	obj, _, _ := types.LookupFieldOrMethod(r.t, true, c.v.Pkg(), c.v.Name())
	return obj == c.v
}

// stringOption follows the option string of a tag.
func (r *structReader) stringOption(c candidate, f *schema.Field) {
	if p, ok := schema.NonNull(f.Type).(*schema.Primitive); ok && p.Kind.IsInteger() {
		p.AsString = true
		return
	}
	if f.Type == nil {
		return
	}
	hint := "remove it"
	if _, ok := schema.NonNull(f.Type).(*schema.Ref); ok {
		hint = "put " + directivePrefix + "wire string on the type"
	}
	r.errorf(diag.CodeGoTag, f.Span, hint, "the option string in the tag of %s is for integers", c.v.Name())
}
