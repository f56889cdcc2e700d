package cluster

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/siogen/siogen/runtime/driver"
)

func examples(tb testing.TB) []record {
	tb.Helper()
	target := driver.Target{
		Rooms: []string{"a", "", "b\x00"}, Except: []string{"c"},
		Flags: driver.Flags{Volatile: true, NoCompress: true},
	}
	payload := driver.Payload{
		JSON:        []byte(`["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`),
		Attachments: [][]byte{{1, 2}, {}},
	}
	remote := driver.RemoteSocket{
		ID: "id", Rooms: []string{"id", "room"},
		Handshake: &driver.Handshake{
			Header: http.Header{"Host": {"h"}}, URL: "/socket.io/", RemoteAddr: "1.2.3.4:5",
			Secure: true, Time: time.Unix(1, 0).UTC(), Auth: []byte(`{"token":"t"}`),
		},
		Data: driver.Payload{JSON: []byte(`{"a":{"_placeholder":true,"num":0}}`), Attachments: [][]byte{{9}}},
	}
	encoded, err := appendSocket(nil, remote)
	if err != nil {
		tb.Fatal(err)
	}
	return []record{
		{kind: hello}, {kind: alive}, {kind: bye},
		{kind: broadcast, namespace: "/", target: target, payload: payload},
		{kind: ask, namespace: "/n", request: 1 << 40, timeout: time.Second, target: target, payload: payload},
		{kind: asked, namespace: "/", to: "me", request: 1, names: []string{"a", "b"}, flag: true},
		{kind: asked, namespace: "/", to: "me", request: 1},
		{kind: acked, namespace: "/", to: "me", request: 1, id: "a", payload: payload},
		{kind: gone, namespace: "/", to: "me", request: 1, id: "a"},
		{kind: join, namespace: "/", target: target, names: []string{"r"}},
		{kind: leave, namespace: "/", names: []string{"r"}},
		{kind: disconnect, namespace: "/", target: target, flag: true},
		{kind: fetch, namespace: "/", request: 3, target: target},
		{kind: sockets, namespace: "/", to: "me", request: 3, flag: true, sockets: []driver.RemoteSocket{remote, remote}, encoded: [][]byte{encoded, encoded}},
		{kind: serverEvent, namespace: "dynamic /t 1", payload: payload},
		{kind: serverReply, namespace: "/", to: "me", request: 4, payload: payload},
		{kind: end, namespace: "/", request: 5},
	}
}

func encodeAll(records []record) []byte {
	b := appendString([]byte{version}, "sender")
	for _, r := range records {
		b = r.append(b)
	}
	return b
}

var same = cmp.Options{
	cmp.AllowUnexported(record{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(record{}, "encoded", "size"),
}

func TestRecordsAreWhatTheyWere(t *testing.T) {
	want := examples(t)
	m, err := decode(encodeAll(want))
	if err != nil || m.sender != "sender" {
		t.Fatalf("sender %q, %v", m.sender, err)
	}
	if diff := cmp.Diff(want, m.records, same); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

func TestMalformedMessages(t *testing.T) {
	good := encodeAll(examples(t)[3:5])
	tests := map[string][]byte{
		"empty":                 {},
		"another version":       append([]byte{2}, good[1:]...),
		"no sender":             {version, 0},
		"a length beyond 2^64":  append([]byte{version, 1, 'a'}, bytes.Repeat([]byte{0xff}, 11)...),
		"a record too short":    {version, 1, 'a', 1, byte(broadcast)},
		"a record too long":     {version, 1, 'a', 3, byte(hello), 0, 0},
		"a count beyond memory": {version, 1, 'a', 8, byte(join), 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"a handshake not JSON":  {version, 1, 'a', 12, byte(sockets), 0, 0, 1, 1, 1, 1, 'i', 1, '{', 0, 0},
	}
	for name, b := range tests {
		if m, err := decode(b); err == nil {
			t.Errorf("%s: decoded %+v", name, m)
		}
	}
	for n := range good {
		if m, err := decode(good[:n]); err == nil && len(m.records) == 2 {
			t.Errorf("cut after %d bytes it is whole", n)
		}
	}
}

func TestRecordsOfNewerServersAreLeftOut(t *testing.T) {
	b := appendString([]byte{version}, "sender")
	b = appendString(b, []byte{200, 1, 2, 3})
	b = (&record{kind: hello}).append(b)
	m, err := decode(b)
	if err != nil || len(m.records) != 1 || m.records[0].kind != hello {
		t.Errorf("got %+v, %v", m, err)
	}
}

// FuzzDecode decodes anything. What is understood is encoded as it was.
func FuzzDecode(f *testing.F) {
	for _, r := range examples(f) {
		f.Add(encodeAll([]record{r}))
	}
	f.Add(encodeAll(examples(f)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decode(b)
		if err != nil {
			return
		}
		for i := range m.records {
			r := &m.records[i]
			r.valid()
			for _, s := range r.sockets {
				encoded, err := appendSocket(nil, s)
				if err != nil {
					return // a time beyond the year 9999
				}
				r.encoded = append(r.encoded, encoded)
			}
		}
		again, err := decode(encodeAll(m.records))
		if err != nil {
			t.Fatalf("encoded again: %v", err)
		}
		if diff := cmp.Diff(m.records, again.records, same); diff != "" {
			t.Errorf("encoded again (-want +got):\n%s", diff)
		}
	})
}
