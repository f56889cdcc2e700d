package config

// kind is the kind of a value in the file.
type kind uint8

const (
	kindObject kind = iota + 1
	kindList
	kindString
	kindVersion
)

// shape says what may stand at a place of the file. The loader checks a file
// against it and schema/config.schema.json is derived from it, so that editors
// and siogen agree.
type shape struct {
	kind     kind
	doc      string
	members  []member // kindObject
	nullable bool     // kindObject: nothing at all stands for {}
	elem     *shape   // kindList; at least one
	values   []string // kindString: the only ones, unless nil
	pattern  string   // kindString: an expression for the whole text
	form     string   // kindString with a pattern: what it describes
}

type member struct {
	name     string
	required bool
	shape    *shape
}

// version is the only version of the format.
const version = 1

// identifier is a Go package name; keywords are refused by the loader beyond it.
const identifier = `^[\p{L}_][\p{L}\p{Nd}_]*$`

func fileShape() *shape {
	return &shape{kind: kindObject, doc: "siogen.yaml: the schemas of a project and where their output goes.", members: []member{
		{"version", true, &shape{kind: kindVersion, doc: "Version of this format: 1."}},
		{"schemas", true, &shape{kind: kindList, doc: "Each schema with its outputs.", elem: schemaShape()}},
	}}
}

func schemaShape() *shape {
	return &shape{kind: kindObject, doc: "A schema and its outputs. With neither go nor typescript, both are generated with their defaults.", members: []member{
		{"schema", true, path("The schema file, relative to this file.")},
		{"go", false, &shape{kind: kindObject, nullable: true, doc: "Generate Go.", members: []member{
			{"out", false, path("Folder of the Go package, relative to this file. Default: gen/<package>.")},
			{"package", false, &shape{kind: kindString, doc: "Name of the Go package. Default: the schema's.", pattern: identifier, form: "a Go package name"}},
		}}},
		{"typescript", false, &shape{kind: kindObject, nullable: true, doc: "Generate TypeScript.", members: []member{
			{"out", false, path("The TypeScript file, relative to this file. Default: gen/<package>/<package>.ts.")},
			{"bytes", false, &shape{kind: kindString, doc: "Where the client runs: bytes are a Buffer in Node, an ArrayBuffer in browsers. Default: node.", values: []string{"node", "browser"}}},
			{"templates", false, path("Folder of templates (*.tmpl) that replace or extend the built-in ones, relative to this file.")},
		}}},
	}}
}

func path(doc string) *shape {
	return &shape{kind: kindString, doc: doc, pattern: `.`, form: "a path"}
}
