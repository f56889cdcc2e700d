package golang

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// types builds the file of the named types.
func (g *generator) types() source {
	s := source{name: "types.go", doc: g.packageDoc(), parts: []part{needsRuntime}}
	s.parts = append(s.parts, partsOf(g.schema.Types, g.typeDecl)...)
	for _, ns := range g.schema.Namespaces {
		for _, events := range [][]*schema.Event{ns.ClientToServer, ns.ServerToClient, ns.ServerToServer} {
			s.parts = append(s.parts, partsOf(events, g.ackStruct)...)
		}
	}
	return s
}

// needsRuntime makes the compiler refuse a runtime that is too old.
func needsRuntime(f *jen.File) {
	f.Comment("// The runtime that this code needs, or a later one.")
	f.Const().Id("_").Op("=").Qual(runtimePath, runtimeVersion)
}

// runtimeVersion is the constant of package runtime that tells that it has all
// that generated code uses.
const runtimeVersion = "IsAtLeastV0_1"

func (g *generator) packageDoc() string {
	text := fmt.Sprintf("Package %s holds typed Socket.IO events: their types, and the server and the\nclient of each namespace.", g.pkg)
	if g.schema.Doc.Text != "" {
		text += "\n\n" + g.schema.Doc.Text
	}
	return text
}

func (g *generator) typeDecl(f *jen.File, d *schema.Decl) {
	name := g.names.Type(d)
	if isOwn(d) {
		return
	}
	if d.Own != nil {
		g.bareStruct(f, d)
		return
	}
	if d.Go != nil {
		declare(f, g.typeComment(d, "the schema's name for "+g.mappedName(d.Go)),
			jen.Type().Id(name).Op("=").Add(mappedType(d.Go)))
		return
	}
	switch body := d.Body.(type) {
	case *schema.Struct:
		g.structDecl(f, d, body)
	case *schema.Enum:
		g.enumDecl(f, d, body)
	case *schema.Union:
		g.unionDecl(f, d, body)
	case *schema.Alias:
		g.aliasDecl(f, d, body)
	}
	if g.errors[d] {
		g.errorMethod(f, d)
	}
}

// typeComment is the doc of a type, or says what sort of type it is.
func (g *generator) typeComment(d *schema.Decl, sort string) jen.Code {
	if d.Doc.Text != "" {
		return docComment("", d.Doc)
	}
	if role := g.roles[d]; role != "" {
		sort = role
	}
	return docComment(fmt.Sprintf("%s is %s.", g.names.Type(d), sort), d.Doc)
}

// mappedName is a mapped type as comments have it.
func (g *generator) mappedName(m *schema.GoMapping) string {
	if m.ImportPath == "" {
		return m.TypeName
	}
	return g.imports[m.ImportPath] + "." + m.TypeName
}

func mappedType(m *schema.GoMapping) *jen.Statement {
	t := jen.Id(m.TypeName)
	if m.ImportPath != "" {
		t = jen.Qual(m.ImportPath, m.TypeName)
	}
	if m.Pointer {
		return jen.Op("*").Add(t)
	}
	return t
}

func (g *generator) structDecl(f *jen.File, d *schema.Decl, body *schema.Struct) {
	declare(f, g.typeComment(d, "an object of the schema"),
		jen.Type().Id(g.names.Type(d)).StructFunc(func(b *jen.Group) {
			for _, field := range body.Fields {
				g.structField(b, field)
			}
		}))
	for _, u := range g.unions[d] {
		f.Func().Params(jen.Op("*").Id(g.names.Type(d))).Id("is" + g.names.Type(u)).Params().Block()
		f.Line()
	}
}

func (g *generator) structField(b *jen.Group, f *schema.Field) {
	if c := docComment("", f.Doc); c != nil {
		b.Add(c)
	}
	field := b.Id(g.names.Field(f)).Add(g.fieldType(f))
	if tag, ok := jsonTag(f); ok {
		field.Tag(map[string]string{"json": tag})
	}
}

// jsonTag makes encoding/json see the field as it is on the wire, for logs and
// tests. It reports false for names that a tag can't hold.
func jsonTag(f *schema.Field) (tag string, ok bool) {
	if f.Name == "" || f.Name == "-" || strings.ContainsFunc(f.Name, func(r rune) bool { return strings.ContainsRune("\\\"'`,", r) || r < ' ' || r == 0x7f }) {
		return "", false
	}
	tag = f.Name
	core, _, _ := nullable(f.Type)
	if f.Optional {
		tag += ",omitzero"
	}
	if p := primitive(core); p != nil && p.AsString && formOf(f) != three {
		tag += ",string"
	}
	return tag, true
}

func (g *generator) enumDecl(f *jen.File, d *schema.Decl, body *schema.Enum) {
	name := g.names.Type(d)
	sort := "one of a few strings"
	if body.Open {
		sort = "one of a few strings, or one that a later version of the schema adds"
	}
	declare(f, g.typeComment(d, sort), jen.Type().Id(name).String())
	declare(f, jen.Comment("// The values of "+name+"."), jen.Const().DefsFunc(func(b *jen.Group) {
		for _, v := range body.Values {
			if c := docComment("", v.Doc); c != nil {
				b.Add(c)
			}
			b.Id(g.names.EnumConst(d, v)).Id(name).Op("=").Lit(v.Value)
		}
	}))
	declare(f, jen.Comment("// Values lists the values of "+name+" in the schema's order."),
		jen.Func().Params(jen.Id(name)).Id("Values").Params().Index().Id(name).Block(
			jen.Return(jen.Index().Id(name).Add(listOf(g.enumValues(d, body), "{", "}"))),
		))
}

// enumValues are the values of an enum as constants, or as strings if the user
// has a type of their own.
func (g *generator) enumValues(d *schema.Decl, body *schema.Enum) []jen.Code {
	values := make([]jen.Code, len(body.Values))
	for i, v := range body.Values {
		if d.Go != nil || isOwn(d) {
			values[i] = jen.Lit(v.Value)
		} else {
			values[i] = jen.Id(g.names.EnumConst(d, v))
		}
	}
	return values
}

// maxInline is how many elements of a list stand on one line.
const maxInline = 6

// listOf is a list between brackets, one element a line if there are many.
func listOf(elems []jen.Code, open, end string) jen.Code {
	return jen.Custom(jen.Options{Open: open, Close: end, Separator: ",", Multi: len(elems) > maxInline}, elems...)
}

func (g *generator) unionDecl(f *jen.File, d *schema.Decl, body *schema.Union) {
	name := g.names.Type(d)
	variants := make([]string, len(body.Variants))
	for i, v := range body.Variants {
		variants[i] = "*" + g.names.Type(v.Type.Decl)
	}
	if body.Open {
		variants = append(variants, "*"+g.names.UnknownVariant(d))
	}
	lead := fmt.Sprintf("%s is one of %s.", name, strings.Join(variants, ", "))
	if d.Doc.Text != "" {
		lead = ""
	}
	declare(f, docComment(lead, g.variantDocs(d, body)), jen.Type().Id(name).Interface(jen.Id("is"+name).Params()))
	if body.Open {
		g.unknownVariant(f, d)
	}
}

// variantDocs is the doc of a union with what the schema says about its variants.
func (g *generator) variantDocs(d *schema.Decl, body *schema.Union) schema.Doc {
	doc := d.Doc
	if doc.Text != "" {
		doc.Text += "\n\nIt is one of:"
	}
	described := false
	var list strings.Builder
	for _, v := range body.Variants {
		fmt.Fprintf(&list, "\n  - *%s: %s %q", g.names.Type(v.Type.Decl), body.Tag, v.Tag)
		if v.Doc.Text != "" {
			described = true
			list.WriteString(". " + oneLine(v.Doc.Text))
		}
		if v.Doc.Deprecated != "" {
			described = true
			list.WriteString(" (deprecated: " + v.Doc.Deprecated + ")")
		}
	}
	if d.Doc.Text != "" || described {
		doc.Text += "\n" + list.String()
	}
	return doc
}

func (g *generator) unknownVariant(f *jen.File, d *schema.Decl) {
	name := g.names.UnknownVariant(d)
	declare(f, jen.Comment(fmt.Sprintf("// %s is a variant of %s that this version of the schema does not know.", name, g.names.Type(d))),
		jen.Type().Id(name).Struct(
			jen.Comment("// Tag tells the variants apart."),
			jen.Id("Tag").String(),
			jen.Comment("// Value is the whole object, its tag included."),
			jen.Id("Value").Qual(runtimePath, "Any"),
		))
	f.Func().Params(jen.Op("*").Id(name)).Id("is" + g.names.Type(d)).Params().Block()
	f.Line()
}

func (g *generator) aliasDecl(f *jen.File, d *schema.Decl, body *schema.Alias) {
	decl := jen.Type().Id(g.names.Type(d))
	if transparent(d) {
		decl.Op("=")
	}
	declare(f, g.typeComment(d, "a name that the schema gives to its type"), decl.Add(g.goType(body.Type)))
}

// ackStruct declares the struct of an acknowledgement with several values.
func (g *generator) ackStruct(f *jen.File, e *schema.Event) {
	name := g.names.AckStruct(e)
	if name == "" {
		return
	}
	declare(f, jen.Comment(lineComments(fmt.Sprintf("%s is the acknowledgement of %q.", name, e.Name))),
		jen.Type().Id(name).StructFunc(func(b *jen.Group) {
			for _, field := range e.Ack.Args {
				if c := docComment("", field.Doc); c != nil {
					b.Add(c)
				}
				b.Id(g.names.Field(field)).Add(g.argType(field))
			}
		}))
}
