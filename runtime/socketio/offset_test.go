package socketio

import (
	"testing"

	"github.com/siogen/siogen/runtime/driver"
)

func TestSplitAuth(t *testing.T) {
	pid, offset := newPID("abcdefgh"), "abcdefgh.1z"
	tests := []struct{ payload, auth, pid, offset string }{
		{``, ``, "", ""},
		{`{}`, `{}`, "", ""},
		{`{"token":"x"}`, `{"token":"x"}`, "", ""},
		{`{"pid":"` + pid + `"}`, ``, pid, ""},
		{`{"pid":"` + pid + `","offset":"` + offset + `"}`, ``, pid, offset},
		{`{"pid":"` + pid + `","offset":"` + offset + `","token":"x"}`, `{"token":"x"}`, pid, offset},
		{`{"pid":"` + pid + `","offset":7}`, `{"offset":7}`, pid, noOffset},
		{`{"pid":"` + pid + `","offset":"mine"}`, `{"offset":"mine"}`, pid, noOffset},
		{`{"pid":"` + pid + `","offset":""}`, `{"offset":""}`, pid, noOffset},
		{`{"pid":"mine","offset":"mine"}`, `{"pid":"mine","offset":"mine"}`, "", ""},
		{`{"pid":7}`, `{"pid":7}`, "", ""},
		{`{"pid":null}`, `{"pid":null}`, "", ""},
	}
	for _, test := range tests {
		auth, got := splitAuth([]byte(test.payload))
		if string(auth) != test.auth || got != (ticket{test.pid, test.offset}) {
			t.Errorf("%s: got %s, %+v", test.payload, auth, got)
		}
	}
}

// TestOffsetsAscend: a client's last offset stands for all that came before it only
// if what is noted first is also queued first.
func TestOffsetsAscend(t *testing.T) {
	s := newTestServer(t, recovering)
	a := &app{}
	ns := s.serve("/", a)
	c := dialRaw(t, s)
	c.joinSession("")
	m := a.member(t, 0)
	const senders, each = 8, 300
	for i := range senders {
		go func() {
			for range each {
				var err error
				if i%2 == 0 {
					err = ns.Broadcast(driver.Target{}, event(`["x"]`))
				} else {
					err = m.Emit(event(`["x"]`), driver.Flags{})
				}
				if err != nil {
					t.Errorf("sending: %v", err)
				}
			}
		}()
	}
	last := uint64(0)
	for range senders * each {
		number, ok := parseOffset(s.recovery.mark, c.offset(`2["x"]`))
		if !ok || number != last+1 {
			t.Fatalf("offset %d, %t after %d", number, ok, last)
		}
		last = number
	}
}
