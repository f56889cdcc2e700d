package metricstest

import (
	"fmt"
	"testing"

	"github.com/siogen/siogen/runtime/metrics"
)

const (
	// Hostile is in everything that the hostile peer makes up.
	Hostile = "hostile"
	// HostileEvents is how many events it sends.
	HostileEvents = 500
)

// DriveHostile is Drive with a peer that makes up all that it can: names of events
// and namespaces, transports, session ids, auth payloads, origins of requests.
func DriveHostile(t *testing.T, m metrics.Recorder) {
	t.Helper()
	start(t, m, func(r *run) {
		for i := range 50 {
			r.get(fmt.Sprintf("transport=%s%d", Hostile, i))
			r.get(fmt.Sprintf("transport=polling&sid=%s%d", Hostile, i))
		}
		raw := r.dialRaw()
		for i := range 50 {
			raw.send(fmt.Sprintf(`0/%s%d,{"x":1}`, Hostile, i))
			raw.expect("4/" + Hostile)
		}
		for i := range 20 { // dynamic namespaces are those that it asks for
			raw.send(fmt.Sprintf(`0/%s-%d,`, Hostile, i))
			raw.expect(fmt.Sprintf(`0/%s-%d,{"sid":`, Hostile, i))
			raw.send(fmt.Sprintf(`2/%s-%d,["%s",1]`, Hostile, i, Hostile))
		}
		raw.send(`0`)
		raw.expect(`0{"sid":`)
		for i := range HostileEvents {
			raw.send(fmt.Sprintf(`2["%s %d",1]`, Hostile, i))
		}
		raw.send(`20["ask","last"]`)
		raw.expect(`30["last"]`)
		raw.send(`2["disconnect"]`) // a reserved name breaks the protocol
		raw.wait(raw.ended)
	})
}
