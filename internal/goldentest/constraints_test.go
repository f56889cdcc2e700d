package goldentest

import (
	"context"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/constraints"
)

func TestConstraints(t *testing.T) {
	h := newHost(t)
	outcome := make(chan string, 1)
	srv := constraints.NewServer(h.Server)
	srv.OnInvalid(func(_ context.Context, _ *constraints.ServerSocket, err *runtime.DecodeError) error {
		outcome <- err.Error()
		return nil
	})
	srv.OnConnection(func(_ context.Context, s *constraints.ServerSocket) error {
		s.OnCheck(func(context.Context, constraints.Limited) (bool, error) {
			outcome <- ""
			return true, nil
		})
		s.OnArgs(func(_ context.Context, _ string, n *int) (int, error) {
			outcome <- ""
			return *n, nil
		})
		return nil
	})
	c := constraints.NewClient(h.url, clientOptions())
	connect(t, c)

	good := parsed(t, `{"name":"Ada","alias":null,"age":18,"delta":0,"ratio":0.5,"big":"1","tags":["a"],"code":"AB-1","codes":[],"hex":"0`+"`"+`"}`)
	good["data"] = []byte("b")
	for _, test := range []struct{ patch, want string }{
		{`{}`, ``},
		{`{"name":"é"}`, `check.l.name: must be at least 2 characters long`},
		{`{"name":"ééééé"}`, ``},
		{`{"name":"123456"}`, `check.l.name: must be at most 5 characters long`},
		{`{"nick":"1234"}`, `check.l.nick: must be at most 3 characters long`},
		{`{"nick":null}`, `check.l.nick: null is not a string`},
		{`{"alias":""}`, `check.l.alias: must be at least 1 character long`},
		{`{"mood":null}`, ``},
		{`{"mood":"12345"}`, `check.l.mood: must be at most 4 characters long`},
		{`{"age":17}`, `check.l.age: must be at least 18`},
		{`{"age":100}`, `check.l.age: must be at most 99`},
		{`{"age":300}`, `check.l.age: 300 is out of the range of uint8`},
		{`{"delta":-6}`, `check.l.delta: must be at least -5`},
		{`{"delta":5}`, ``},
		{`{"delta":6}`, `check.l.delta: must be at most 5`},
		{`{"ratio":0.25}`, `check.l.ratio: must be at least 0.5`},
		{`{"big":"1000001"}`, `check.l.big: must be at most 1000000`},
		{`{"tags":[]}`, `check.l.tags: must have at least 1 item`},
		{`{"tags":["a","b","c"]}`, `check.l.tags: must have at most 2 items`},
		{`{"code":"ab-1"}`, `check.l.code: "ab-1" does not match the pattern ^[A-Z]{2}-\d+$`},
		{`{"codes":["AB-1","x"]}`, `check.l.codes[1]: "x" does not match the pattern ^[A-Z]{2}-\d+$`},
		{`{"percent":100.5}`, `check.l.percent: must be at most 100`},
		{`{"hex":"xyz"}`, "check.l.hex: \"xyz\" does not match the pattern ^[`0-9a-f]+$"},
	} {
		if err := c.Send(raw(t, "check", patched(t, good, test.patch))); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("%s: got %q, want %q", test.patch, got, test.want)
		}
	}
	for _, test := range []struct {
		data []byte
		want string
	}{
		{[]byte{}, `check.l.data: must be at least 1 byte long`},
		{[]byte("12345"), `check.l.data: must be at most 4 bytes long`},
	} {
		good["data"] = test.data
		if err := c.Send(raw(t, "check", good)); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("%d bytes: got %q, want %q", len(test.data), got, test.want)
		}
	}
	for _, test := range []struct {
		name, n, want string
	}{
		{`"b"`, `1`, `args.name: "b" does not match the pattern ^a`},
		{`""`, `1`, `args.name: must be at least 1 character long`},
		{`"a"`, `4`, `args.n: must be at most 3`},
		{`"a"`, `1`, ``},
	} {
		if err := c.Send(raw(t, "args", test.name, test.n)); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("args(%s, %s): got %q, want %q", test.name, test.n, got, test.want)
		}
	}
	zero := 0
	_, err := c.EmitArgs(testContext(t), "a", &zero)
	receive(t, outcome)
	if got, want := asError[*runtime.DecodeError](t, err).Error(), "args.n: must be at least 1"; got != want {
		t.Errorf("an acknowledgement outside its constraints: got %q, want %q", got, want)
	}
}
