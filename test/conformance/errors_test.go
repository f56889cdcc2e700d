package conformance

import "testing"

// The refusals of HTTP requests: status 400 and the reference's code.
const (
	transportUnknown   = `400 {"code":0,"message":"Transport unknown"}`
	sessionUnknown     = `400 {"code":1,"message":"Session ID unknown"}`
	badMethod          = `400 {"code":2,"message":"Bad handshake method"}`
	badRequest         = `400 {"code":3,"message":"Bad request"}`
	versionUnsupported = `400 {"code":5,"message":"Unsupported protocol version"}`
)

func TestRequestsThatOpenNoSessionAreRefused(t *testing.T) {
	s := engine(t, options{})
	for _, test := range []struct{ name, method, query, want string }{
		{"no transport", "GET", "EIO=4", transportUnknown},
		{"unknown transport", "GET", "EIO=4&transport=abc", transportUnknown},
		{"transport of an object's prototype", "GET", "EIO=4&transport=constructor", transportUnknown},
		{"no version", "GET", "transport=polling", versionUnsupported},
		{"unknown version", "GET", "EIO=abc&transport=polling", versionUnsupported},
		{"version 3", "GET", "EIO=3&transport=polling", versionUnsupported},
		{"POST", "POST", "EIO=4&transport=polling", badMethod},
		{"PUT", "PUT", "EIO=4&transport=polling", badMethod},
		{"DELETE", "DELETE", "EIO=4&transport=polling", badMethod},
		{"unknown session", "GET", "EIO=4&transport=polling&sid=abc", sessionUnknown},
		{"POST to an unknown session", "POST", "EIO=4&transport=polling&sid=abc", sessionUnknown},
		{"WebSocket without its headers", "GET", "EIO=4&transport=websocket", badRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s.Do(t, test.method, test.query, "")
			want(t, a.String(), test.want)
			want(t, a.Header.Get("Content-Type"), "application/json")
		})
	}
}

func TestWebSocketsThatOpenNoSessionAreRefused(t *testing.T) {
	s := engine(t, options{})
	for _, test := range []struct{ name, query, want string }{
		{"no transport", "EIO=4", transportUnknown},
		{"unknown transport", "EIO=4&transport=abc", transportUnknown},
		{"no version", "transport=websocket", versionUnsupported},
		{"unknown version", "EIO=abc&transport=websocket", versionUnsupported},
		{"unknown session", "EIO=4&transport=websocket&sid=abc", sessionUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			ws, refused := s.TryWebSocket(t, test.query, nil)
			if reference {
				if ws != nil { // it accepts, then closes
					ws.WantClosed()
				}
				return
			}
			if ws != nil {
				t.Fatal("accepted")
			}
			want(t, refused.String(), test.want)
		})
	}
}

func TestPollingASessionOnWebSocketIsRefused(t *testing.T) {
	s := engine(t, options{})
	ws := s.OpenWebSocket(t)
	query := "EIO=4&transport=polling&sid=" + ws.SID
	want(t, s.Do(t, "GET", query, "").String(), badRequest)
	want(t, s.Do(t, "POST", query, "4hello").String(), badRequest)
	ws.Send("4still here")
	ws.Want("4still here")
}

func TestTheVersionOfASessionMayNotChange(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	for _, version := range []string{"EIO=3&", ""} {
		want(t, s.Do(t, "GET", version+"transport=polling&sid="+p.SID, "").Status, 400)
	}
	p.Send("4still here")
	want(t, p.Get().String(), "200 4still here")
}
