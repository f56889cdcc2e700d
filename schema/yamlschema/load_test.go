package yamlschema_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// load loads events.yaml out of a set of files, which must be without fault.
func load(t *testing.T, files map[string]string) *schema.Schema {
	t.Helper()
	s, ds := yamlschema.Load("events.yaml", yamlschema.Options{ReadFile: func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}})
	for _, d := range ds {
		t.Errorf("%s:%d:%d: %s %s", d.Span.File, d.Span.Line, d.Span.Col, d.Code, d.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	return s
}

func TestLoadReadsTheLanguage(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"absent, null and both", `
types:
  User:
    fields:
      id: int
      nick?: string
      email: string | null
      mood?: string | null
      any?: any | null
`, `
struct User
  id: int
  nick?: string
  email: nullable(string)
  mood?: nullable(string)
  any?: any
namespace /
`},
		{"lists, maps and parentheses", `
types:
  A: "[]string"
  B: map[string][]int
  C: "[](string | null)"
  D: "[]string | null"
  E: ((( bytes )))
  F: null | map[ string ] time
`, `
alias A: list(string)
alias B: map(list(int))
alias C: list(nullable(string))
alias D: nullable(list(string))
alias E: bytes
alias F: nullable(map(time))
namespace /
`},
		{"null over an alias that may be null already", `
types:
  Maybe: string | null
  Anything: any
  User: {fields: {a: Maybe | null, b: "[](Anything | null)", c: Maybe}}
`, `
alias Maybe: nullable(string)
alias Anything: any
struct User
  a: @Maybe
  b: list(@Anything)
  c: @Maybe
namespace /
`},
		{"every built-in type", "types: {T: {fields: {" + everyKind() + "}}}\n", "\nstruct T\n" + everyKindDump() + "namespace /\n"},
		{"types in place are named after where they stand", `
types:
  user-profile:
    fields:
      home address: {fields: {geo: {fields: {lat: float64}}}}
      role: {enum: [a], open: true}
  Message:
    union: kind
    variants:
      text: {fields: {body: string}, doc: Words.}
ServerToClient:
  chat message: {args: {mode: {enum: [x]}}, ack: {mode: {enum: [y]}}}
ClientToServer:
  chat message: {args: {mode: {enum: [z]}}, error: string}
namespaces:
  /admin/eu:
    ServerToClient:
      chat message: {args: {mode: {enum: [w]}}}
`, `
struct user-profile
  home address: @UserProfileHomeAddress
  role: @UserProfileRole
struct UserProfileHomeAddress inline
  geo: @UserProfileHomeAddressGeo
struct UserProfileHomeAddressGeo inline
  lat: float64
enum UserProfileRole inline open=true
  "a"
union Message tag=kind open=false
  "text": @MessageText doc="Words."
struct MessageText inline
  body: string
enum ChatMessageMode inline open=false
  "x"
enum ServerToClientChatMessageMode inline open=false
  "y"
enum ClientToServerChatMessageMode inline open=false
  "z"
alias ChatMessageError inline error: string
enum AdminEuChatMessageMode inline open=false
  "w"
namespace /
  S2C "chat message"
    mode: @ChatMessageMode
    ack
      mode: @ServerToClientChatMessageMode
  C2S "chat message"
    mode: @ClientToServerChatMessageMode
    ack
      error @ChatMessageError
namespace /admin/eu
  S2C "chat message"
    mode: @AdminEuChatMessageMode
`},
		{"events with and without arguments, acks and errors", `
types:
  JoinError: {fields: {code: int}}
  Alias: JoinError
ClientToServer:
  hello:
  ping: {ack: }
  add: {args: {a: int, "b?": int, rest: ...string | null}, ack: {sum: int, carry?: int}}
  join: {error: Alias}
  leave: {ack: {}, error: {type: JoinError}}
  "404": {}
`, `
struct JoinError error
  code: int
alias Alias: @JoinError
namespace /
  C2S "hello"
  C2S "ping"
    ack
  C2S "add"
    a: int
    b?: int
    rest: ...nullable(string)
    ack
      sum: int
      carry?: int
  C2S "join"
    ack
      error @JoinError
  C2S "leave"
    ack
      error @JoinError
  C2S "404"
`},
		{"auth and SocketData: fields, the long form, or a name", `
types:
  Login: {union: by, variants: {token: {fields: {token: string}}}}
  Session: {fields: {id: int}}
  Alias: Session
auth: {token: string, fields?: int}
SocketData: {fields: {user: string}, doc: Kept.}
namespaces:
  /a: {auth: Login, SocketData: Alias}
  /b: {auth: , SocketData: {}, go: {name: Bee}}
`, `
union Login tag=by open=false
  "token": @LoginToken
struct LoginToken inline
  token: string
struct Session
  id: int
alias Alias: @Session
struct HandshakeAuth inline
  token: string
  fields?: int
struct SocketData doc="Kept." inline
  user: string
struct BeeHandshakeAuth inline
struct BeeSocketData inline
namespace /
  auth @HandshakeAuth
  data @SocketData
namespace /a
  auth @Login
  data @Session
namespace /b goName=Bee
  auth @BeeHandshakeAuth
  data @BeeSocketData
`},
		{"constraints and wire formats", `
types:
  Name: {type: string, minLength: 1, maxLength: 8, pattern: ^a+$}
  Big: {type: "[]uint64 | null", wire: string, minItems: 0x2, maxItems: 1_0}
ServerToClient:
  e:
    args:
      n: {type: int64, wire: string, minimum: -9223372036854775808}
      f: {type: float32, minimum: -0.5, maximum: 1e3}
`, `
alias Name: string minLength=1 maxLength=8 pattern=^a+$
alias Big: nullable(list(uint64 as string)) minItems=2 maxItems=10
namespace /
  S2C "e"
    n: int64 as string minimum=-9.223372036854776e+18
    f: float32 minimum=-0.5 maximum=1000
`},
		{"the user's own types", `
types:
  ID: {type: string, go: {type: github.com/google/uuid.UUID}, ts: {type: UserID, import: ./ids}}
  Wait: {type: int64, go: {type: time.Duration, via: convert, name: Delay}}
  Amount: {type: float64, go: {type: "*math/big.Float"}}
  Role: {enum: [a], go: {type: example.com/x.Role}}
  User:
    fields:
      id: {type: string | null, go: {type: github.com/google/uuid.UUID, name: Key}}
      raw: {type: any, ts: {type: "Record<string, number>"}}
`, `
alias ID go=github.com/google/uuid|UUID|pointer=false|via=1 ts=UserID|./ids: string
alias Wait goName=Delay go=time|Duration|pointer=false|via=2: int64
alias Amount go=math/big|Float|pointer=true|via=3: float64
enum Role go=example.com/x|Role|pointer=false|via=1 open=false
  "a"
struct User
  id: nullable(@UserId) goName=Key
  raw: @UserRaw
alias UserId inline go=github.com/google/uuid|UUID|pointer=false|via=1: string
alias UserRaw inline ts=Record<string, number>|: any
namespace /
`},
		{"documentation", `
doc: |

  The contract.  
  Second line.

types:
  Role:
    doc: What.
    deprecated: use Rights
    since: 1.2
    enum: ["", {value: b, doc: B., deprecated: no more, go: {name: Bee}}]
ServerToClient:
  e: {doc: An event., since: v3, go: {name: Ev}, args: {a: {type: int, doc: Arg., go: {name: arg0}}}}
`, `
enum Role doc="What." deprecated="use Rights" since="1.2" open=false
  ""
  "b" doc="B." deprecated="no more" goName=Bee
namespace /
  S2C "e" doc="An event." since="v3" goName=Ev
    a: int doc="Arg." goName=arg0
`},
		{"anchors and merge keys", `
types:
  Base: {fields: &base {id: int, at: time}}
  User: {fields: {name: string, <<: *base, at: string}}
  Both: {fields: {<<: [*base, {id: string, x: int}]}}
`, `
struct Base
  id: int
  at: time
struct User
  name: string
  id: int
  at: string
struct Both
  id: int
  at: time
  x: int
namespace /
`},
		{"question marks inside of braces", `
types: {User: {fields: {image?: bytes, note?: {type: string, doc: Really? Yes}}}}
`, `
struct User
  image?: bytes
  note?: string doc="Really? Yes"
namespace /
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, map[string]string{"events.yaml": "package: chat\n" + tt.source})
			_, got, _ := strings.Cut(dump(s), "\n")
			if d := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func everyKind() string {
	var fields []string
	for _, word := range schema.KindNames() {
		fields = append(fields, word+": "+word)
	}
	return strings.Join(fields, ", ")
}

func everyKindDump() string {
	var lines strings.Builder
	for _, word := range schema.KindNames() {
		fmt.Fprintf(&lines, "  %s: %s\n", word, word)
	}
	return lines.String()
}

func TestImportsComeFirstAndOnce(t *testing.T) {
	s := load(t, map[string]string{
		"events.yaml":        "package: chat\nimports: [shared/a.yaml, ./shared/b.yaml]\ntypes: {Root: {fields: {a: A, b: B}}}\n",
		"shared/a.yaml":      "imports: [base/c.yaml]\ntypes: {A: {fields: {c: C}}}\nServerToClient: {ofAnotherContract: }\n",
		"shared/b.yaml":      "imports: [base/../base/c.yaml]\ntypes: {B: {fields: {c: C}}}\n",
		"shared/base/c.yaml": "types: {C: string}\n",
	})
	want := `package chat
alias C: string
struct A
  c: @C
struct B
  c: @C
struct Root
  a: @A
  b: @B
namespace /
`
	if d := cmp.Diff(want, dump(s)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// The example is what the documentation and the chat are made of.
func TestExampleHasTheAgreedEvents(t *testing.T) {
	s, ds := yamlschema.Load("../../examples/events.yaml", yamlschema.Options{})
	if len(ds) > 0 {
		t.Fatalf("%+v", ds)
	}
	text := dump(s)
	for _, part := range []string{
		"package chat\n",
		"  S2C \"noArg\"\n  S2C \"basicEmit\"\n    a: int\n    b: string\n    c: bytes\n  S2C \"withAck\"\n    d: string\n    ack\n      e: int\n",
		"  C2S \"hello\"\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the example lacks\n%s\nin\n%s", part, text)
		}
	}
}

func TestSpansAreOfTheNames(t *testing.T) {
	s := load(t, map[string]string{"events.yaml": "package: chat\ntypes:\n  User:\n    fields:\n      \"näme?\": '[]Role'\n  Role: {enum: [a]}\n"})
	field := s.Types[0].Body.(*schema.Struct).Fields[0]
	elem := field.Type.(*schema.List).Elem
	got := []string{}
	for _, span := range []struct{ line, col, end int }{
		{s.PackageSpan.Line, s.PackageSpan.Col, s.PackageSpan.EndCol},
		{s.Types[0].Span.Line, s.Types[0].Span.Col, s.Types[0].Span.EndCol},
		{field.Span.Line, field.Span.Col, field.Span.EndCol},
		{elem.Pos().Line, elem.Pos().Col, elem.Pos().EndCol},
	} {
		got = append(got, fmt.Sprint(span.line, ":", span.col, "-", span.end))
	}
	if d := cmp.Diff([]string{"1:10-14", "3:3-7", "5:7-14", "5:19-23"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Two goroutines may load at once: nothing is shared between loads.
func TestLoadsDoNotShareState(t *testing.T) {
	done := make(chan string, 2)
	for range 2 {
		go func() {
			s, _ := yamlschema.Load("../../examples/events.yaml", yamlschema.Options{})
			done <- schema.Fingerprint(s)
		}()
	}
	if a, b := <-done, <-done; a != b {
		t.Errorf("fingerprints differ: %s, %s", a, b)
	}
}

// However an import is spelled, it is one file: here from inside of the folder
// that another file names.
func TestAFileIsImportedOnceUnderAnyName(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"api/chat.yaml":   "package: chat\nimports: [common.yaml, ../ids/ids.yaml]\n",
		"api/common.yaml": "types: {Name: string}\n",
		"ids/ids.yaml":    "imports: [../api/common.yaml]\ntypes: {ID: Name}\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(dir, "api"))
	s, ds := yamlschema.Load("chat.yaml", yamlschema.Options{})
	if len(ds) > 0 {
		t.Fatalf("%+v", ds)
	}
	if len(s.Types) != 2 {
		t.Errorf("%d types", len(s.Types))
	}
}
