package engineio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// originAllowed applies the origin policy. Requests of other programs than
// browsers carry no Origin and are not the policy's concern.
func (s *settings) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || sameOrigin(origin, r.Host) {
		return true
	}
	if s.AllowOrigin != nil {
		return s.AllowOrigin(origin, r)
	}
	return slices.Contains(s.Origins, "*") || s.listed(origin)
}

func (s *settings) listed(origin string) bool {
	return slices.ContainsFunc(s.Origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

// sameOrigin compares hosts only: behind a proxy that ends TLS the server's own
// scheme isn't known.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// allowCrossOrigin tells a browser that the policy allows its request. "*" is
// without credentials: with them any site could act as its visitors.
func (s *settings) allowCrossOrigin(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	if s.AllowOrigin == nil && !s.listed(origin) && slices.Contains(s.Origins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
		return
	}
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
}

// preflight answers the question that browsers ask before a request with
// headers or methods beyond the plain ones.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Add("Vary", "Access-Control-Request-Headers")
		h.Set("Access-Control-Allow-Headers", asked)
	}
	w.WriteHeader(http.StatusNoContent)
}
