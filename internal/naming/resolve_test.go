package naming_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/internal/naming"
	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

func load(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, diags := yamlschema.Load("x.yaml", yamlschema.Options{
		ReadFile: func(string) ([]byte, error) { return []byte("package: x\n" + text), nil },
	})
	if diag.HasErrors(diags) {
		t.Fatalf("%v", diags)
	}
	return s
}

// render is one line a diagnostic.
func render(diags []diag.Diagnostic) string {
	diag.Sort(diags)
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%d:%d %s %s", d.Span.Line, d.Span.Col, d.Code, d.Message)
		for _, n := range d.Notes {
			fmt.Fprintf(&b, " [%d:%d]", n.Span.Line, n.Span.Col)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestCollisions(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"two types", "types:\n  user_id: {fields: {a: int}}\n  UserId: {fields: {a: int}}\n",
			"4:3 SIO060 type \"UserId\" and type \"user_id\" are both UserID in Go [3:3]\n"},
		{"two fields", "types:\n  T:\n    fields:\n      _id: int\n      id: int\n",
			"6:7 SIO060 field \"id\" and field \"_id\" are both ID in Go [5:7]\n"},
		{"two values", "types:\n  Role: {enum: [a b, a-b]}\n",
			"3:22 SIO060 value \"a-b\" of Role and value \"a b\" of Role are both RoleAB in Go [3:17]\n"},
		{"a value and a type", "types:\n  Role: {enum: [admin]}\n  RoleAdmin: {fields: {a: int}}\n",
			"3:17 SIO060 value \"admin\" of Role and type \"RoleAdmin\" are both RoleAdmin in Go [4:3]\n"},
		{"two events of one direction", "ServerToClient:\n  a b:\n  a-b:\n",
			"4:3 SIO060 event \"a-b\" and event \"a b\" are both AB in Go [3:3]\n"},
		{"two arguments", "ServerToClient:\n  e: {args: {a b: int, a-b: int}}\n",
			"3:24 SIO060 argument \"a-b\" and argument \"a b\" are both aB in Go [3:14]\n"},
		{"two namespaces", "namespaces:\n  /a-b:\n    ServerToClient: {e: }\n  /a_b:\n    ServerToClient: {e: }\n",
			"5:3 SIO060 what is generated for namespace \"/a_b\" and what is generated for namespace \"/a-b\" are both ABServer in Go [3:3]\n" +
				"5:3 SIO061 what is generated for namespace \"/a_b\" and what is generated for namespace \"/a-b\" are both ABServerToClientEvents in TypeScript [3:3]\n"},
		{"a type and what is generated in Go", "types:\n  Client: {fields: {a: int}}\n",
			"3:3 SIO060 type \"Client\" and what is generated for namespace \"/\" are both Client in Go [1:1]\n"},
		{"a type and what is generated in TypeScript", "types:\n  ServerToClientEvents: {fields: {a: int}}\n",
			"3:3 SIO061 type \"ServerToClientEvents\" and what is generated for namespace \"/\" are both ServerToClientEvents in TypeScript [1:1]\n"},
		{"a type and the list of an enum", "types:\n  Role: {enum: [a]}\n  RoleValues: {fields: {a: int}}\n",
			"3:3 SIO061 what is generated for type \"Role\" and type \"RoleValues\" are both RoleValues in TypeScript [4:3]\n"},
		{"an alias of SocketData", "types:\n  SocketData: {fields: {a: int}}\n  Mine: {fields: {a: int}}\nSocketData: Mine\n",
			"1:1 SIO061 what is generated for namespace \"/\" and type \"SocketData\" are both SocketData in TypeScript [3:3]\n"},
		{"names of the user's choice", "types:\n  A: {fields: {a: int}, go: {name: Same}}\n  B: {fields: {a: int}, go: {name: Same}}\n",
			"4:3 SIO060 type \"B\" and type \"A\" are both Same in Go [3:3]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, diags := naming.Resolve(load(t, c.text))
			if d := cmp.Diff(c.want, render(diags)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWhatIsNoCollision(t *testing.T) {
	for name, text := range map[string]string{
		"the same event in both directions":            "ServerToClient: {e: }\nClientToServer: {e: }\nServerToServer: {e: }\n",
		"the same event in two namespaces":             "ServerToClient: {e: }\nnamespaces: {/a: {ServerToClient: {e: }}}\n",
		"an argument and one of the ack":               "ServerToClient:\n  e: {args: {room: string}, ack: {room: string}}\n",
		"go: {name: …} settles fields":                 "types:\n  T: {fields: {_id: {type: int, go: {name: MongoID}}, id: int}}\n",
		"go: {name: …} settles types":                  "types:\n  Server: {fields: {a: int}, go: {name: Host}}\n",
		"go: {name: …} settles arguments":              "ServerToClient:\n  e: {args: {a b: {type: int, go: {name: First}}, a-b: int}}\n",
		"a field called error in a struct of an error": "types:\n  E: {fields: {error: string}}\nClientToServer: {e: {ack: , error: E}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, diags := naming.Resolve(load(t, text)); len(diags) > 0 {
				t.Error(render(diags))
			}
		})
	}
}

// hostile has names that are keywords, no identifiers, or taken.
const hostile = `
types:
  E: {fields: {error: string, type: int, "2fa": int, "日本": int, "+1": int}}
  Role: {enum: ["", "1", "-1", "a b", "ADMIN", "日本", "👍"]}
  Shape: {union: kind, variants: {e: V}, open: true}
  V: {fields: {a: int}}
ServerToClient:
  any: {args: {func: int, string: int, ctx: int, context: int, enc: int, class: int, callback: int, "user id": int, a: int}}
  connect error: {args: {b: int}, ack: {b: int, err: int}}
ClientToServer:
  "日本": {ack: , error: E}
namespaces:
  /admin/users:
    ServerToClient: {"2fa": }
`

func TestHostileNames(t *testing.T) {
	s := load(t, hostile)
	n, diags := naming.Resolve(s)
	if len(diags) > 0 {
		t.Fatal(render(diags))
	}
	var b strings.Builder
	for _, d := range s.Types {
		fmt.Fprintf(&b, "type %s:", n.Type(d))
		switch body := d.Body.(type) {
		case *schema.Struct:
			for _, f := range body.Fields {
				fmt.Fprintf(&b, " %s", n.Field(f))
			}
		case *schema.Enum:
			for _, v := range body.Values {
				fmt.Fprintf(&b, " %s", n.EnumConst(d, v))
			}
			fmt.Fprintf(&b, " %s", n.EnumValues(d))
		case *schema.Union:
			fmt.Fprintf(&b, " %s", n.UnknownVariant(d))
		case *schema.Alias:
		}
		b.WriteByte('\n')
	}
	args := func(fields []*schema.Field) {
		for _, f := range fields {
			fmt.Fprintf(&b, " %s/%s", n.Arg(f), n.TSArg(f))
		}
	}
	for _, ns := range s.Namespaces {
		fmt.Fprintf(&b, "namespace %q\n", n.Prefix(ns))
		for _, e := range append(ns.ServerToClient, ns.ClientToServer...) {
			fmt.Fprintf(&b, "%s:", n.Event(e))
			args(e.Args)
			if e.Ack != nil {
				b.WriteString(" ->")
				args(e.Ack.Args)
			}
			b.WriteByte('\n')
		}
	}
	want := `type E: ErrorField Type X2fa X日本 Plus1
type Role: RoleEmpty Role1 RoleMinus1 RoleAB RoleAdmin Role日本 RoleX1f44d RoleValues
type Shape: UnknownShape
type V: A
namespace ""
AnyEvent: func_/func string_/string ctx_/ctx context_/context enc_/enc class/class_ callback/callback_ userID/userId a/a
ConnectErrorEvent: b/b -> bResult/b err_/err
X日本: ->
namespace "AdminUsers"
X2fa:
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestTSProp(t *testing.T) {
	for name, want := range map[string]string{
		"name":         "name",
		"$ref":         "$ref",
		"class":        "class",
		"chat message": `"chat message"`,
		"2fa":          `"2fa"`,
		"日本":           `"日本"`,
		`a"b\`:         `"a\"b\\"`,
		"</script>":    `"</script>"`,
		"a\nb\u2028":   `"a\nb\u2028"`,
		"":             `""`,
	} {
		if got := naming.TSProp(name); got != want {
			t.Errorf("TSProp(%q) = %s, want %s", name, got, want)
		}
	}
}
