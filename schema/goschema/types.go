package goschema

import (
	"go/token"
	"go/types"
	"strings"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
)

// codecPath is the package that declares the Go types of any and of three
// states.
const codecPath = "github.com/siogen/siogen/runtime/codec"

// site is where a type stands.
type site struct {
	span diag.Span
	own  owner  // what a type without a name is called
	what string // in messages: the field x of User
	pos  token.Pos
	pkg  *types.Package // that the type is written in; nil: that of the contract
}

// typeOf is the type expression for a Go type, or nil after a report.
func (l *loader) typeOf(t types.Type, at site) schema.Type {
	switch t := t.(type) {
	case *types.Alias:
		return l.aliasType(t, at)
	case *types.Named:
		return l.namedType(t, at)
	case *types.Basic:
		return l.basic(t, at)
	case *types.Pointer:
		return l.pointer(t, at)
	case *types.Slice:
		if b, ok := types.Unalias(t.Elem()).(*types.Basic); ok && b.Kind() == types.Uint8 {
			return &schema.Primitive{Kind: schema.Bytes, Span: at.span}
		}
		return l.list(t.Elem(), 0, at)
	case *types.Array:
		if t.Len() == 0 {
			l.noWire(at, "use a slice", "an array without elements")
			return nil
		}
		return l.list(t.Elem(), int(t.Len()), at)
	case *types.Map:
		return l.mapType(t, at)
	case *types.Struct:
		return l.structInPlace(t, at)
	case *types.Interface:
		if t.NumMethods() == 0 && t.IsMethodSet() {
			return goAny(at.span)
		}
		l.noWire(at, "an interface is a union when it has a name and "+directivePrefix+"union kind", "an interface")
	case *types.Chan:
		l.noWire(at, "send its values as events", "a channel")
	case *types.Signature:
		l.noWire(at, "only the last parameter of an event may be one: ack func(…)", "a function")
	case *types.TypeParam:
		l.noWire(at, "name an instance: Page[User]", "a type parameter")
	default:
		l.noWire(at, "", t.String())
	}
	return nil
}

// noWire reports a type that JSON has no form for.
func (l *loader) noWire(at site, hint, what string) {
	l.errorf(diag.CodeGoWire, at.span, hint, "%s is %s, which cannot travel as JSON", at.what, what)
}

func goAny(span diag.Span) schema.Type {
	return &schema.Primitive{Kind: schema.AnyKind, Go: &schema.GoForm{Type: &schema.GoName{Name: "any"}}, Span: span}
}

func isNamed(obj *types.TypeName, path, name string) bool {
	return obj.Pkg() != nil && obj.Pkg().Path() == path && obj.Name() == name
}

// optionalOf is the T of a codec.Optional[T].
func optionalOf(t types.Type) (types.Type, bool) {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !isNamed(named.Obj(), codecPath, "Optional") || named.TypeArgs().Len() != 1 {
		return nil, false
	}
	return named.TypeArgs().At(0), true
}

func (l *loader) aliasType(t *types.Alias, at site) schema.Type {
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil: // any
		return l.typeOf(types.Unalias(t), at)
	case t.TypeArgs().Len() > 0, !l.isNear(obj), obj.Parent() != obj.Pkg().Scope():
		return l.typeOf(t.Rhs(), at)
	case isNamed(obj, strings.TrimSuffix(codecPath, "/codec"), "Any"), isNamed(obj, strings.TrimSuffix(codecPath, "/codec"), "Optional"):
		return l.typeOf(t.Rhs(), at)
	}
	if named, ok := l.renamed(t); ok && !isSpecial(named.Obj()) {
		return l.namedType(named, at)
	}
	return refTo(l.declare(obj, t), at.span)
}

// isSpecial reports whether the schema has a word for a type.
func isSpecial(obj *types.TypeName) bool {
	return isNamed(obj, "time", "Time") || isNamed(obj, "encoding/json", "RawMessage") || isNamed(obj, codecPath, "Any")
}

func (l *loader) namedType(t *types.Named, at site) schema.Type {
	obj := t.Obj()
	switch {
	case isNamed(obj, "time", "Time"):
		return &schema.Primitive{Kind: schema.Time, Span: at.span}
	case isNamed(obj, "encoding/json", "RawMessage"):
		form := &schema.GoForm{Type: &schema.GoName{ImportPath: "encoding/json", Name: "RawMessage"}}
		return &schema.Primitive{Kind: schema.AnyKind, Go: form, Span: at.span}
	case isNamed(obj, codecPath, "Any"):
		return &schema.Primitive{Kind: schema.AnyKind, Span: at.span}
	case isNamed(obj, codecPath, "Optional"):
		l.noWire(at, "it belongs to a field or an argument, without a pointer", "three states")
		return nil
	case obj.Pkg() == nil: // error, comparable
		l.noWire(at, "the declared error of an ack is its first parameter, err", "an "+obj.Name())
		return nil
	case obj.Parent() != obj.Pkg().Scope():
		l.noWire(at, "declare it outside of functions", "a type inside a function")
		return nil
	case isInvalid(t.Underlying()):
		return nil
	case !obj.Exported() && !l.canName(obj):
		l.errorf(diag.CodeGoWire, at.span, "begin its name with a capital", "%s is of the type %s, which generated code cannot name", at.what, obj.Name())
		return nil
	}
	return refTo(l.declare(obj, t), at.span)
}

// canName reports whether generated code is in the package of obj, or there is
// none.
func (l *loader) canName(obj types.Object) bool {
	return l.noGo || l.isOurs(obj) && l.samePackage()
}

func (l *loader) basic(t *types.Basic, at site) schema.Type {
	kind, ok := map[types.BasicKind]schema.Kind{
		types.Bool: schema.Bool, types.String: schema.String,
		types.Int: schema.Int, types.Int8: schema.Int8, types.Int16: schema.Int16, types.Int32: schema.Int32, types.Int64: schema.Int64,
		types.Uint: schema.Uint, types.Uint8: schema.Uint8, types.Uint16: schema.Uint16, types.Uint32: schema.Uint32, types.Uint64: schema.Uint64,
		types.Float32: schema.Float32, types.Float64: schema.Float64,
	}[t.Kind()]
	switch {
	case ok:
		return &schema.Primitive{Kind: kind, Span: at.span}
	case t.Kind() == types.Invalid: // Go has said so
	case t.Kind() == types.UnsafePointer:
		l.noWire(at, "", "an address")
	case t.Info()&types.IsComplex != 0:
		l.noWire(at, "send a struct of two numbers", "a complex number")
	default:
		l.noWire(at, "send a number", "a "+t.Name())
	}
	return nil
}

func (l *loader) pointer(t *types.Pointer, at site) schema.Type {
	if _, ok := t.Elem().Underlying().(*types.Pointer); ok {
		l.noWire(at, "three states are runtime.Optional[T]", "a pointer to a pointer")
		return nil
	}
	elem := l.typeOf(t.Elem(), at)
	if p, ok := elem.(*schema.Primitive); ok && p.Kind == schema.AnyKind {
		l.noWire(at, "remove the *: null is one of its values", "a pointer to any")
		return nil
	}
	return nullable(elem, at.span)
}

// nullable is T | null of a Go pointer.
func nullable(elem schema.Type, span diag.Span) schema.Type {
	if elem == nil {
		return nil
	}
	return &schema.Nullable{Elem: elem, Go: &schema.GoForm{Pointer: true}, Span: span}
}

// threeStates is T | null of a runtime.Optional[T], or of a
// runtime.Optional[*T].
func threeStates(elem schema.Type, span diag.Span) schema.Type {
	switch elem := elem.(type) {
	case nil:
		return nil
	case *schema.Nullable:
		return elem
	default:
		return &schema.Nullable{Elem: elem, Span: span}
	}
}

func (l *loader) list(elem types.Type, array int, at site) schema.Type {
	t := l.typeOf(elem, at)
	if t == nil {
		return nil
	}
	list := &schema.List{Elem: t, Span: at.span}
	if array > 0 {
		list.Go = &schema.GoForm{Array: array}
	}
	return list
}

func (l *loader) mapType(t *types.Map, at site) schema.Type {
	m := &schema.Map{Span: at.span}
	key, ok := t.Key().Underlying().(*types.Basic)
	if !ok || key.Info()&types.IsString == 0 {
		if !isInvalid(t.Key()) {
			l.noWire(at, "the keys of a JSON object are strings", "a map without string keys")
		}
		return nil
	}
	if named, ok := types.Unalias(t.Key()).(*types.Named); ok {
		if via := marshals(named); via != 0 {
			l.noWire(at, "use a key without MarshalText", "a map whose keys marshal themselves")
			return nil
		}
		m.Go = &schema.GoForm{Type: l.goName(named.Obj(), named)}
	}
	if m.Elem = l.typeOf(t.Elem(), at); m.Elem == nil {
		return nil
	}
	return m
}

// importPath is that of the package of obj, for generated code: empty if that
// is in the package itself.
func (l *loader) importPath(obj types.Object) string {
	if obj.Pkg() == nil || l.isOurs(obj) && l.samePackage() {
		return ""
	}
	return obj.Pkg().Path()
}

// samePackage reports whether Go is generated into the package of the contract.
func (l *loader) samePackage() bool { return l.goOut != "" && l.goOut == l.packageDir() }

// goName is a Go type as generated code names it.
func (l *loader) goName(obj *types.TypeName, t types.Type) *schema.GoName {
	n := &schema.GoName{Name: obj.Name()}
	n.ImportPath = l.importPath(obj)
	if named, ok := t.(*types.Named); ok {
		before := len(l.diags)
		for arg := range named.TypeArgs().Types() {
			if typ := l.typeOf(arg, site{}); typ != nil {
				n.Args = append(n.Args, typ)
			}
		}
		l.diags = l.diags[:before] // they are reported of the fields that have the type
	}
	return n
}

func refTo(decl *schema.Decl, span diag.Span) schema.Type {
	if decl == nil {
		return nil
	}
	return &schema.Ref{Name: decl.Name, Decl: decl, Span: span}
}

// marshals says how a type that brings its own JSON converts; 0: it does not.
func marshals(t types.Type) schema.Via {
	if types.IsInterface(t) {
		return 0
	}
	methods := types.NewMethodSet(types.NewPointer(t))
	has := func(name string) bool {
		sel := methods.Lookup(nil, name)
		if sel == nil {
			return false
		}
		sig, ok := sel.Obj().Type().(*types.Signature)
		return ok && sig.Results().Len() > 0
	}
	switch {
	case has("MarshalJSON"), has("UnmarshalJSON"):
		return schema.ViaJSON
	case has("MarshalText") && has("UnmarshalText"):
		return schema.ViaText
	case has("MarshalText"), has("UnmarshalText"):
		return schema.ViaJSON
	}
	return 0
}
