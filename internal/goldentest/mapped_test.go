package goldentest

import (
	"context"
	"encoding/json"
	"image"
	"math/big"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/testdata/golden/mapped"
	"github.com/siogen/siogen/testdata/golden/mapped/own"
)

func TestMappedTypes(t *testing.T) {
	h := newHost(t)
	mapped.NewServer(h.Server).OnConnection(func(_ context.Context, s *mapped.ServerSocket) error {
		s.OnAny(h.record)
		s.OnEcho(func(_ context.Context, a mapped.All) (mapped.All, error) { return a, nil })
		return nil
	})
	c := mapped.NewClient(h.url, clientOptions())
	connect(t, c)
	id := uuid.MustParse("f47ac10b-58cc-4372-a567-0e02b2c3d479")
	sent := mapped.All{
		ID: id, Addr: netip.MustParseAddr("::1"), Amount: big.NewInt(12), Timeout: time.Second,
		Header: http.Header{"A": {"b"}}, Level: own.Info, Raw: json.RawMessage("{}"), Point: image.Pt(1, 2), Plain: "p",
		IDs: []mapped.UserID{id}, NullID: &id, NullAmount: nil, OptAmount: big.NewInt(3), MoodID: runtime.Some(id),
	}
	got, err := c.EmitEcho(testContext(t), sent)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(marshal(t, sent)), string(marshal(t, got))); diff != "" {
		t.Errorf("what comes back differs (-sent +got):\n%s", diff)
	}
	const want = `[{"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","addr":"::1","amount":"12","timeout":1000000000,
		"header":{"A":["b"]},"level":"info","raw":"e30=","point":{"X":1,"Y":2},"plain":"p",
		"ids":["f47ac10b-58cc-4372-a567-0e02b2c3d479"],"nullId":"f47ac10b-58cc-4372-a567-0e02b2c3d479",
		"optAmount":"3","nullAmount":null,"moodId":"f47ac10b-58cc-4372-a567-0e02b2c3d479"}]`
	if diff := cmp.Diff(plain(t, []byte(want)), plain(t, h.received(t, "echo"))); diff != "" {
		t.Errorf("the wire differs (-want +got):\n%s", diff)
	}
}

func TestTextThatAMappedTypeRefusesIsADecodeError(t *testing.T) {
	h := newHost(t)
	srv := mapped.NewServer(h.Server)
	invalid := make(chan *runtime.DecodeError, 1)
	srv.OnInvalid(func(_ context.Context, _ *mapped.ServerSocket, err *runtime.DecodeError) error {
		invalid <- err
		return nil
	})
	srv.OnConnection(func(_ context.Context, s *mapped.ServerSocket) error {
		s.OnOwn(func(_ context.Context, uuid mapped.UserID, _ mapped.Addr, _ mapped.Amount) (mapped.UserID, error) {
			return uuid, nil
		})
		return nil
	})
	c := mapped.NewClient(h.url, clientOptions())
	connect(t, c)
	if err := c.Send(raw(t, "own", `"no uuid"`, `"::1"`, `"1"`)); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, invalid); err.Path != "uuid" {
		t.Errorf("got %v, want an error at uuid", err)
	}
}

func TestNilOfAMappedPointerIsAnEncodeError(t *testing.T) {
	h := newHost(t)
	mapped.NewServer(h.Server)
	c := mapped.NewClient(h.url, clientOptions())
	connect(t, c)
	_, err := c.EmitOwn(testContext(t), uuid.Nil, netip.Addr{}, nil)
	if got, want := asError[*runtime.EncodeError](t, err).Error(), "own[2]: Amount is nil"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
