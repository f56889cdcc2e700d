package engineio

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipper compresses the answers of polls.
type gzipper struct {
	w   *gzip.Writer
	out []byte
}

var gzippers = sync.Pool{New: func() any {
	g := new(gzipper)
	g.w, _ = gzip.NewWriterLevel(g, gzip.BestSpeed) // a level that exists: no error
	return g
}}

func (g *gzipper) Write(b []byte) (int, error) {
	g.out = append(g.out, b...)
	return len(b), nil
}

// gzipped returns b compressed, or nil when that is not shorter.
func gzipped(b []byte) []byte {
	g := gzippers.Get().(*gzipper)
	defer gzippers.Put(g)
	g.out = make([]byte, 0, len(b)/2)
	g.w.Reset(g)
	// Write of a gzipper never fails, so that these don't.
	_, _ = g.w.Write(b)
	_ = g.w.Close()
	out := g.out
	g.out = nil
	if len(out) >= len(b) {
		return nil
	}
	return out
}

// payload is the answer of a poll.
type payload struct {
	bytes []byte
	// compress: a message in it may be compressed.
	compress bool
	// framed is the only message in it, if that is shared.
	framed *Framed
}

// gzipped returns the payload compressed, or nil when that is not shorter. Of a
// shared message it is made once.
func (p *payload) gzipped() []byte {
	if p.framed != nil {
		return p.framed.gzipped()
	}
	return gzipped(p.bytes)
}

// writePolled answers a poll.
func (s *Server) writePolled(w http.ResponseWriter, r *http.Request, p payload) {
	if p.compress && !s.set.DisableHTTPCompression && len(p.bytes) >= s.set.CompressionThreshold && acceptsGzip(r.Header) {
		if b := p.gzipped(); b != nil {
			w.Header().Set("Content-Encoding", "gzip")
			writePayload(w, b)
			return
		}
	}
	writePayload(w, p.bytes)
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(h http.Header) bool {
	others := false
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(part, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				return acceptable(params)
			case coding == "*":
				others = acceptable(params)
			}
		}
	}
	return others
}

// acceptable reports whether a coding's weight is above 0.
func acceptable(params string) bool {
	name, value, ok := strings.Cut(params, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return true
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err != nil || q > 0
}
