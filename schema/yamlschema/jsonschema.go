package yamlschema

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/siogen/siogen/schema"
)

// node is a piece of a JSON Schema.
type node map[string]any

func ref(name string) node { return node{"$ref": "#/$defs/" + name} }

// JSONSchema is the JSON Schema of schema files, for editors. It is made of the
// tables that Load checks against; schema/siogen.schema.json is a copy of it.
func JSONSchema() ([]byte, error) {
	root := levelSchema(rootLevel())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "siogen schema"
	root["description"] = "A contract of typed Socket.IO events."
	defs := sharedSchemas()
	for _, l := range levels()[1:] {
		defs[l.name] = levelSchema(l)
	}
	root["$defs"] = defs

	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("encode JSON Schema: %w", err)
	}
	return b.Bytes(), nil
}

func levelSchema(l level) node {
	properties := node{}
	for _, k := range l.keys {
		property := node{"description": k.doc}
		for word, value := range shapeSchema(k.value) {
			property[word] = value
		}
		properties[k.name] = property
	}
	return node{"type": "object", "additionalProperties": false, "properties": properties}
}

func mapOf(value node) node {
	return node{"type": []string{"object", "null"}, "additionalProperties": value}
}

// shapeSchema is the JSON Schema of what stands behind a key.
func shapeSchema(s shape) node {
	text := node{"type": []string{"string", "number"}}
	switch s {
	case shapeText:
		return text
	case shapeBool:
		return node{"type": "boolean"}
	case shapeNumber:
		return node{"type": "number"}
	case shapeCount:
		return node{"type": "integer", "minimum": 0}
	case shapeWireFormat:
		return node{"enum": []string{"string"}}
	case shapeVia:
		return node{"enum": []string{"text", "convert", "json"}}
	case shapePackage:
		return node{"type": "string", "minLength": 1}
	case shapeFileList:
		return node{"type": []string{"array", "null"}, "items": node{"type": "string"}}
	case shapeType:
		return ref("expression")
	case shapeTypes:
		return mapOf(node{"anyOf": []node{ref("expression"), ref("type")}})
	case shapeFields:
		return ref("fields")
	case shapeObject:
		return node{"anyOf": []node{ref("expression"), ref("object"), ref("fields")}}
	case shapeEnum:
		return node{"type": "array", "minItems": 1, "items": node{"anyOf": []node{{"type": "string"}, ref("enumValue")}}}
	case shapeVariants:
		return node{"type": "object", "minProperties": 1, "additionalProperties": node{"anyOf": []node{ref("expression"), ref("variant")}}}
	case shapeAckError:
		return node{"anyOf": []node{ref("expression"), ref("type")}}
	case shapeEvents:
		return ref("events")
	case shapeNamespaces:
		namespace := node{"anyOf": []node{{"type": "null"}, ref("namespace")}}
		return node{"type": []string{"object", "null"}, "patternProperties": node{"^/[^,?]+$": namespace}, "additionalProperties": false}
	case shapeGo:
		return ref("go")
	case shapeGoName:
		return ref("goName")
	case shapeTS:
		return ref("ts")
	}
	return node{}
}

// sharedSchemas are the definitions that are no levels.
func sharedSchemas() node {
	words := node{"type": "string", "enum": schema.KindNames()}
	return node{
		"expression": node{
			"description": "A type expression: a built-in type, the name of a type, []T, map[string]T, T | null; ...T for the last argument.",
			"anyOf":       []node{words, {"type": "string", "minLength": 1}},
		},
		"fields": node{
			"description":          "name: type. A trailing ? means: may be absent.",
			"type":                 []string{"object", "null"},
			"additionalProperties": node{"anyOf": []node{ref("expression"), ref("field")}},
		},
		"events": node{
			"description":          "name: event. An event without arguments needs no more than its name.",
			"type":                 []string{"object", "null"},
			"propertyNames":        node{"not": node{"enum": schema.ReservedEvents()}},
			"additionalProperties": node{"anyOf": []node{{"type": "null"}, ref("event")}},
		},
	}
}
