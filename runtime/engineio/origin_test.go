package engineio

import (
	"net/http"
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	type headers = map[string]string
	const site = "https://site.example"
	list := ServerOptions{Origins: []string{"https://other.example", site}}
	ask := ServerOptions{AllowOrigin: func(origin string, r *http.Request) bool {
		return strings.HasSuffix(origin, ".example") && r.URL.Query().Get("EIO") == "4"
	}}
	credentials := headers{"Access-Control-Allow-Origin": site, "Access-Control-Allow-Credentials": "true", "Vary": "Origin"}
	for _, test := range []struct {
		name    string
		options ServerOptions
		origin  string // "self": the server's own
		allowed bool
		headers headers
	}{
		{"no browser", ServerOptions{}, "", true, headers{"Access-Control-Allow-Origin": ""}},
		{"same origin by default", ServerOptions{}, "self", true, nil},
		{"other origin by default", ServerOptions{}, site, false, headers{"Access-Control-Allow-Origin": ""}},
		{"opaque origin", ServerOptions{}, "null", false, nil},
		{"not an origin", ServerOptions{}, "%zz", false, nil},
		{"listed", list, site, true, credentials},
		{"not listed", list, "https://site.example.evil", false, nil},
		{"other scheme than listed", list, "http://site.example", false, nil},
		{"any", ServerOptions{Origins: []string{"*"}}, site, true, headers{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": ""}},
		{"function says yes", ask, site, true, credentials},
		{"function says no", ask, "https://evil", false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, test.options)
			origin := test.origin
			if origin == "self" {
				origin = h.http.URL
			}
			req := newRequest(t, "GET", h.url("EIO=4&transport=polling"), "")
			header := http.Header{}
			if origin != "" {
				req.Header.Set("Origin", origin)
				header.Set("Origin", origin)
			}
			a := do(t, req)
			if test.allowed {
				openData(t, a.body)
			} else {
				want(t, a, `403 {"code":4,"message":"Forbidden"}`)
			}
			for name, value := range test.headers {
				want(t, name+": "+a.header.Get(name), name+": "+value)
			}
			w, err := tryDialRaw(h.wsURL("EIO=4&transport=websocket"), header)
			want(t, err == nil, test.allowed)
			if err == nil {
				_ = w.NetConn().Close()
				w.done.Wait()
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	h := newHarness(t, ServerOptions{Origins: []string{"https://site.example"}})
	req := newRequest(t, "OPTIONS", h.url("EIO=4&transport=polling"), "")
	req.Header.Set("Origin", "https://site.example")
	req.Header.Set("Access-Control-Request-Headers", "content-type, x-token")
	a := do(t, req)
	want(t, a.status, 204)
	want(t, a.header.Get("Access-Control-Allow-Headers"), "content-type, x-token")
	want(t, a.header.Get("Access-Control-Allow-Methods"), "GET, POST")
	want(t, a.header.Get("Access-Control-Allow-Origin"), "https://site.example")
	req.Header.Set("Origin", "https://evil.example")
	want(t, do(t, req).status, 403)
}
