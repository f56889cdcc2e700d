package goldentest

import (
	"context"
	"testing"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/structs"
)

// TestErrorsSayWhatIsWrongAndWhere is about payloads that are JSON but not what
// the schema says.
func TestErrorsSayWhatIsWrongAndWhere(t *testing.T) {
	h := newHost(t)
	outcome := make(chan string, 1)
	srv := structs.NewServer(h.Server)
	srv.OnInvalid(func(_ context.Context, _ *structs.ServerSocket, err *runtime.DecodeError) error {
		outcome <- err.Error()
		return nil
	})
	srv.OnConnection(func(_ context.Context, s *structs.ServerSocket) error {
		s.OnEcho(func(_ context.Context, p structs.Person) (structs.Person, error) {
			outcome <- p.Name
			return p, nil
		})
		return nil
	})
	c := structs.NewClient(h.url, clientOptions())
	connect(t, c)

	good := parsed(t, `{"name":"Ada","email":null,"home":{"street":"s"},"last":null,"pet":{"name":"p","kind":"cat"},
		"oldName":"o","photo":null,"flags":null,"limits":null,"until":null}`)
	for _, test := range []struct{ patch, want string }{
		{`{}`, `Ada`},
		{`{"unknown":{"a":[1,{}]}}`, `Ada`},
		{`{"name":"Bob"}`, `Bob`},
		{`{"name":1}`, `echo.p.name: expected a string, got a number`},
		{`{"name":null}`, `echo.p.name: null is not a string`},
		{`{"home":{}}`, `echo.p.home.street: required field is missing`},
		{`{"home":[]}`, `echo.p.home: expected an object, got an array`},
		{`{"work":{"street":1}}`, `echo.p.work.street: expected a string, got a number`},
		{`{"last":{"street":"s","zip":2}}`, `echo.p.last.zip: expected a string, got a number`},
		{`{"next":{"street":true}}`, `echo.p.next.street: expected a string, got a boolean`},
		{`{"pet":{"name":"p","kind":"cow"}}`, `echo.p.pet.kind: "cow" is not a PersonPetKind`},
		{`{"tags":["a",2]}`, `echo.p.tags[1]: expected a string, got a number`},
		{`{"scores":{"a":1,"b":"2"}}`, `echo.p.scores.b: expected a float64, got a string`},
		{`{"photo":"aGk="}`, `echo.p.photo: expected bytes, got a string`},
		{`{"at":"yesterday"}`, `echo.p.at: "yesterday" is not a time of RFC 3339`},
		{`{"count":256}`, `echo.p.count: 256 is out of the range of uint8`},
		{`{"count":1.5}`, `echo.p.count: 1.5 is not a uint8`},
	} {
		if err := c.Send(raw(t, "echo", patched(t, good, test.patch))); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("%s: got %q, want %q", test.patch, got, test.want)
		}
	}
	for _, test := range []struct {
		args []any
		want string
	}{
		{nil, `echo.p: required argument is missing`},
		{[]any{`null`}, `echo.p: null is not an object`},
		{[]any{`{}`}, `echo.p.name: required field is missing`},
		{[]any{good, `"surplus"`}, `Ada`},
	} {
		if err := c.Send(raw(t, "echo", test.args...)); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, outcome); got != test.want {
			t.Errorf("%v: got %q, want %q", test.args, got, test.want)
		}
	}
}

// TestAbsentNullAndEmptyDiffer is about what Go's zero values can't tell apart.
func TestAbsentNullAndEmptyDiffer(t *testing.T) {
	h := newHost(t)
	persons := make(chan structs.Person, 1)
	structs.NewServer(h.Server).OnConnection(func(_ context.Context, s *structs.ServerSocket) error {
		s.OnEcho(func(_ context.Context, p structs.Person) (structs.Person, error) {
			persons <- p
			return p, nil
		})
		return nil
	})
	c := structs.NewClient(h.url, clientOptions())
	connect(t, c)
	good := parsed(t, `{"name":"Ada","email":null,"home":{"street":"s"},"last":null,"pet":{"name":"p","kind":"cat"},
		"oldName":"o","photo":null,"flags":null,"limits":null,"until":null}`)
	send := func(patch string) structs.Person {
		t.Helper()
		if err := c.Send(raw(t, "echo", patched(t, good, patch))); err != nil {
			t.Fatal(err)
		}
		return receive(t, persons)
	}

	absent := send(`{}`)
	if absent.Nick != nil || absent.Tags != nil || absent.Scores != nil || absent.Extra != nil || !absent.Mood.IsAbsent() || !absent.MoreTags.IsAbsent() {
		t.Errorf("what is absent came as %+v", absent)
	}
	empty := send(`{"nick":"","tags":[],"scores":{},"extra":null,"mood":"","flags":[],"limits":{},"moreTags":[]}`)
	if empty.Nick == nil || empty.Tags == nil || empty.Scores == nil || empty.Extra == nil || empty.Flags == nil || empty.Limits == nil {
		t.Errorf("what is empty came as %+v", empty)
	}
	if mood, ok := empty.Mood.Get(); !ok || mood != "" {
		t.Errorf("an empty mood came as %v, %v", mood, ok)
	}
	null := send(`{"mood":null,"moreTags":null,"moreData":null,"next":null}`)
	if !null.Mood.IsNull() || !null.MoreTags.IsNull() || !null.MoreData.IsNull() || !null.Next.IsNull() {
		t.Errorf("what is null came as %+v", null)
	}
}
