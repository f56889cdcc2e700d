package golang

import (
	"maps"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// encodeMapped encodes a type of the user's.
func (g *generator) encodeMapped(b *jen.Group, d *schema.Decl) {
	v := jen.Id("v")
	if d.Go.Pointer {
		b.If(jen.Id("v").Op("==").Nil()).Block(
			jen.Id("e").Dot("Fail").Call(jen.Lit(d.Name+" is nil")),
			jen.Return(),
		)
	} else {
		v = jen.Op("&").Add(v) // the methods may need a pointer
	}
	switch d.Go.Via {
	case schema.ViaText:
		b.Id("e").Dot("Text").Call(v)
	case schema.ViaJSON:
		b.Id("e").Dot("JSON").Call(v)
	case schema.ViaConvert:
		b.Add(g.encodeConverted(d))
	}
}

func (g *generator) encodeConverted(d *schema.Decl) jen.Code {
	switch body := d.Body.(type) {
	case *schema.Enum:
		return g.encodeEnum(d, body)
	case *schema.Alias:
		wire := jen.Parens(g.goType(body.Type))
		if p, ok := body.Type.(*schema.Primitive); ok && p.Kind != schema.Bytes {
			wire = g.goType(body.Type)
		}
		return g.encode(local("e"), wire.Call(jen.Id("v")), body.Type)
	default: // an object has no conversion
		return jen.Id("e").Dot("JSON").Call(jen.Op("&").Id("v"))
	}
}

// decodeMapped decodes a type of the user's.
func (g *generator) decodeMapped(b *jen.Group, d *schema.Decl) {
	into := jen.Op("&").Id("v")
	if d.Go.Pointer {
		elem := *d.Go
		elem.Pointer = false
		b.Id("v").Op("=").New(mappedType(&elem))
		into = jen.Id("v")
	}
	switch d.Go.Via {
	case schema.ViaText:
		b.Id("d").Dot("Text").Call(into)
	case schema.ViaJSON:
		b.Id("d").Dot("JSON").Call(into)
	case schema.ViaConvert:
		g.decodeConverted(b, d)
		return
	}
	b.Return(jen.Id("v"))
}

func (g *generator) decodeConverted(b *jen.Group, d *schema.Decl) {
	switch body := d.Body.(type) {
	case *schema.Enum:
		b.Return(g.decodeEnum(d, body))
	case *schema.Alias:
		checks := g.checks("d", jen.Id("wire"), body.Type, &body.Constraints)
		name := g.typeName(d)
		if len(checks) == 0 {
			b.Return(jen.Add(name).Call(g.decode(local("d"), body.Type)))
			return
		}
		b.Id("wire").Op(":=").Add(g.decode(local("d"), body.Type))
		for _, c := range checks {
			b.Add(c)
		}
		b.Return(jen.Add(name).Call(jen.Id("wire")))
	default:
		b.Id("d").Dot("JSON").Call(jen.Op("&").Id("v"))
		b.Return(jen.Id("v"))
	}
}

// importNames are the names under which the packages of mapped types are
// imported, where they differ from the packages' own. Those are not known from a
// path, so that each package outside Go's library gets a name of our choice, which
// nothing else in the file has.
func importNames(s *schema.Schema) map[string]string {
	names := make(map[string]string)
	taken := maps.Clone(ownNames)
	for _, importPath := range importedPaths(s) {
		if importPath == "" || names[importPath] != "" {
			continue
		}
		name := importName(importPath)
		if name == importPath && ownNames[name] {
			names[name] = name // time and the like: ours, too
			continue
		}
		for n, stem := 2, name; taken[name]; n++ {
			name = stem + strconv.Itoa(n)
		}
		taken[name] = true
		names[importPath] = name
	}
	return names
}

var (
	majorVersion = regexp.MustCompile(`^v[0-9]+$`)
	notAlias     = regexp.MustCompile(`[^a-z0-9]|^[0-9]+`)
)

// importName is a name for a package: the last element of its path, as its
// author probably calls it.
func importName(importPath string) string {
	if majorVersion.MatchString(path.Base(importPath)) {
		importPath = path.Dir(importPath)
	}
	name := strings.TrimPrefix(path.Base(importPath), "go-")
	if i := strings.LastIndex(name, ".v"); i > 0 {
		name = name[:i]
	}
	name = notAlias.ReplaceAllString(strings.ToLower(name), "")
	if len(name) < 2 || ownNames[name] && !isStandard(importPath) {
		name += "pkg"
	}
	return name
}

// ownNames are the names that generated types and codecs use themselves.
var ownNames = map[string]bool{
	"codec": true, "runtime": true, "context": true, "time": true, "errors": true, "fmt": true, "regexp": true, "sync": true,
	"enc": true, "err": true, "ok": true, "seen": true, "tag": true, "wire": true, "declared": true, "invalid": true,
	"string": true, "bool": true, "byte": true, "int": true, "uint": true, "error": true, "any": true, "len": true, "new": true,
	"int8": true, "int16": true, "int32": true, "int64": true, "uint8": true, "uint16": true, "uint32": true, "uint64": true,
	"float32": true, "float64": true, "true": true, "false": true, "nil": true,
}
