package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// kind tells how a built-in type stands in Go.
type kind struct {
	goType string
	method string // of codec.Encoder and codec.Decoder
	bits   int    // of integers, on the wire as a decimal string
	signed bool
}

var kinds = [...]kind{
	schema.Bool:    {goType: "bool", method: "Bool"},
	schema.String:  {goType: "string", method: "String"},
	schema.Int:     {goType: "int", method: "Int", bits: 64, signed: true},
	schema.Int8:    {goType: "int8", method: "Int8", bits: 8, signed: true},
	schema.Int16:   {goType: "int16", method: "Int16", bits: 16, signed: true},
	schema.Int32:   {goType: "int32", method: "Int32", bits: 32, signed: true},
	schema.Int64:   {goType: "int64", method: "Int64", bits: 64, signed: true},
	schema.Uint:    {goType: "uint", method: "Uint", bits: 64},
	schema.Uint8:   {goType: "uint8", method: "Uint8", bits: 8},
	schema.Uint16:  {goType: "uint16", method: "Uint16", bits: 16},
	schema.Uint32:  {goType: "uint32", method: "Uint32", bits: 32},
	schema.Uint64:  {goType: "uint64", method: "Uint64", bits: 64},
	schema.Float32: {goType: "float32", method: "Float32"},
	schema.Float64: {goType: "float64", method: "Float64"},
	schema.Bytes:   {method: "Bytes"},
	schema.Time:    {method: "Time"},
	schema.AnyKind: {method: "Any"},
}

// goType is the Go type of t.
func (g *generator) goType(t schema.Type) *jen.Statement {
	switch t := t.(type) {
	case *schema.Primitive:
		if t.Go != nil && t.Go.Type != nil {
			return g.goName(t.Go.Type)
		}
		return primitiveType(t)
	case *schema.List:
		if t.Go != nil && t.Go.Array > 0 {
			return jen.Index(jen.Lit(t.Go.Array)).Add(g.goType(t.Elem))
		}
		return jen.Index().Add(g.goType(t.Elem))
	case *schema.Map:
		if t.Go != nil && t.Go.Type != nil {
			return jen.Map(g.goName(t.Go.Type)).Add(g.goType(t.Elem))
		}
		return jen.Map(jen.String()).Add(g.goType(t.Elem))
	case *schema.Nullable:
		if isPointer(t) {
			return jen.Op("*").Add(g.goType(t.Elem))
		}
		core, _, _ := nullable(t)
		if nilable(core) || acceptsNull(t.Elem) {
			return g.goType(t.Elem)
		}
		return jen.Op("*").Add(g.goType(t.Elem))
	case *schema.Ref:
		return g.typeName(t.Decl)
	default:
		panic("schema.Type is a closed sum")
	}
}

func primitiveType(t *schema.Primitive) *jen.Statement {
	switch t.Kind {
	case schema.Bytes:
		return jen.Index().Byte()
	case schema.Time:
		return jen.Qual("time", "Time")
	case schema.AnyKind:
		return jen.Qual(runtimePath, "Any")
	default:
		return jen.Id(kinds[t.Kind].goType)
	}
}

// fieldType is the Go type of a field or an argument, Variadic aside.
func (g *generator) fieldType(f *schema.Field) *jen.Statement {
	switch formOf(f) {
	case pointer:
		return jen.Op("*").Add(g.goType(f.Type))
	case three:
		core, _, _ := nullable(f.Type)
		elem := g.goType(core)
		if g.holdsPointer(f) {
			elem = jen.Op("*").Add(elem)
		}
		return jen.Qual(runtimePath, "Optional").Index(elem)
	default:
		return g.goType(f.Type)
	}
}
