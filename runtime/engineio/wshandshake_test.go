package engineio

import (
	"net/http"
	"testing"
)

func TestWebSocketKeys(t *testing.T) {
	// RFC 6455, section 1.3.
	want(t, acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")

	h := newHarness(t, ServerOptions{})
	for key, status := range map[string]int{
		"":                             http.StatusBadRequest,
		"short":                        http.StatusBadRequest,
		"dGhlIHNhbXBsZSBub25jZQ":       http.StatusBadRequest,
		"dGhlIHNhbXBsZSBub25jZTEyMw==": http.StatusBadRequest,
		"dGhlIHNhbXBsZSBub25jZQ==":     http.StatusSwitchingProtocols,
	} {
		r := newRequest(t, http.MethodGet, h.url("EIO=4&transport=websocket"), "")
		r.Header.Set("Connection", "keep-alive, Upgrade")
		r.Header.Set("Upgrade", "WebSocket")
		r.Header.Set("Sec-WebSocket-Version", "13")
		r.Header.Set("Sec-WebSocket-Key", key)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != status {
			t.Errorf("key %q: %d, want %d", key, res.StatusCode, status)
		}
	}
}
