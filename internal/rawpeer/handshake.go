package rawpeer

import (
	"encoding/json"
	"strings"
	"testing"
)

// Handshake is the payload of an open packet.
type Handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// ParseOpen reads an open packet, which must have these fields and no others.
func ParseOpen(t testing.TB, packet string) Handshake {
	t.Helper()
	payload, ok := strings.CutPrefix(packet, "0")
	if !ok {
		t.Fatalf("not an open packet: %q", packet)
	}
	var h Handshake
	d := json.NewDecoder(strings.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil || h.SID == "" || h.Upgrades == nil {
		t.Fatalf("open packet %q: %v", packet, err)
	}
	return h
}
