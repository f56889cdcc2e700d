package goldentest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/aliases"
)

func TestAliasesAreWhatTheyStandFor(t *testing.T) {
	h := newHost(t)
	aliases.NewServer(h.Server).OnConnection(func(_ context.Context, s *aliases.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, a aliases.All) (aliases.All, error) { return a, nil })
		return nil
	})
	c := aliases.NewClient(h.url, clientOptions())
	connect(t, c)

	anything, err := runtime.AnyOf(map[string]any{"k": 1})
	if err != nil {
		t.Fatal(err)
	}
	short := "abc"
	thing := aliases.Thing{Name: "t", Kind: aliases.KindA}
	var same aliases.SameAgain = thing // one type in Go
	sent := aliases.All{
		Name: "n", Count: 1, Ratio: 0.5, Flag: true, Blob: aliases.Blob("b"), Stamp: time.Unix(0, 0).UTC(),
		Anything: anything, Serial: 1 << 60, Tags: aliases.Tags{"a", "b"}, Table: aliases.Table{"k": 2},
		Grid: aliases.Grid{{1}, {2, 3}}, Same: same, Short: "s", MaybeShort: &short, MaybeThing: &thing,
		MaybeTags: aliases.MaybeTags{"x"}, OptMaybe: runtime.Null[string](), OptThing: runtime.Some(thing),
		Shorts: []aliases.Short{"a"}, Maybes: []aliases.MaybeShort{nil, &short},
	}
	got, err := c.EmitEcho(testContext(t), sent)
	if err != nil {
		t.Fatal(err)
	}
	want := plain(t, marshal(t, sent))
	if diff := cmp.Diff(want, plain(t, marshal(t, got))); diff != "" {
		t.Errorf("what comes back differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{want}, plain(t, h.received(t, "echo"))); diff != "" {
		t.Errorf("the wire differs (-encoding/json +wire):\n%s", diff)
	}
}

func TestConstraintsOfAliasesHoldWhereverTheyAreUsed(t *testing.T) {
	h := newHost(t)
	outcome := make(chan string, 1)
	srv := aliases.NewServer(h.Server)
	srv.OnInvalid(func(_ context.Context, _ *aliases.ServerSocket, err *runtime.DecodeError) error {
		outcome <- err.Error()
		return nil
	})
	srv.OnConnection(func(_ context.Context, s *aliases.ServerSocket) error {
		s.OnEcho(func(_ context.Context, a aliases.All) (aliases.All, error) {
			outcome <- ""
			return a, nil
		})
		return nil
	})
	c := aliases.NewClient(h.url, clientOptions())
	connect(t, c)

	good := parsed(t, `{"name":"n","count":1,"ratio":1,"flag":true,"stamp":"2026-01-02T03:04:05Z","anything":null,
		"serial":"1","tags":[],"table":{},"grid":[],"same":{"name":"n","kind":"a"},"short":"s","maybeName":null,
		"maybeShort":null,"maybeThing":null,"maybeTags":null,"shorts":[],"maybes":[]}`)
	good["blob"] = []byte("b")
	for _, test := range []struct{ patch, want string }{
		{`{}`, ``},
		{`{"name":""}`, `echo.a.name: must be at least 1 character long`},
		{`{"short":"long"}`, `echo.a.short: must be at most 3 characters long`},
		{`{"short":""}`, `echo.a.short: must be at least 1 character long`},
		{`{"count":-1}`, `echo.a.count: must be at least 0`},
		{`{"tags":["a","b","c","d"]}`, `echo.a.tags: must have at most 3 items`},
		{`{"tags":["a",""]}`, `echo.a.tags[1]: must be at least 1 character long`},
		{`{"table":{"k":-1}}`, `echo.a.table.k: must be at least 0`},
		{`{"maybeName":""}`, `echo.a.maybeName: must be at least 1 character long`},
		{`{"maybeShort":"long"}`, `echo.a.maybeShort: must be at most 3 characters long`},
		{`{"maybeTags":["a","b","c","d"]}`, `echo.a.maybeTags: must have at most 3 items`},
		{`{"maybes":[null,"long"]}`, `echo.a.maybes[1]: must be at most 3 characters long`},
		{`{"optMaybe":"long"}`, `echo.a.optMaybe: must be at most 3 characters long`},
		{`{"optName":"much too long"}`, `echo.a.optName: must be at most 8 characters long`},
		{`{"same":{"name":"","kind":"a"}}`, `echo.a.same.name: must be at least 1 character long`},
		{`{"same":{"name":"n","kind":"c"}}`, `echo.a.same.kind: "c" is not a Kind`},
	} {
		if err := c.Send(raw(t, "echo", patched(t, good, test.patch))); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("%s: got %q, want %q", test.patch, got, test.want)
		}
	}
}
