package engineio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// protocolVersion is that of the protocol, as in the query of a request.
const protocolVersion = "4"

const (
	// departedTime is how long a poll may come after its session was closed by the
	// client, and maxDeparted how many such sessions are remembered.
	departedTime = time.Second
	maxDeparted  = 4096
)

// Server accepts connections. It is an http.Handler for one path, whatever the
// path: mount it on a mux with its path as pattern, trailing slash included.
// WebSockets need HTTP/1.1; polling works over HTTP/2 too.
type Server struct {
	set     *settings
	accept  func(*Conn) Handler
	running tracker

	mu       sync.Mutex
	sessions map[string]*Conn
	// departed are polling sessions that the client closed and that one poll may
	// still ask for.
	departed map[string]struct{}
	// claimed are the ids that GenerateID gave and that are in use.
	claimed map[string]struct{}
}

// NewServer returns a server that calls accept for each new connection, before
// anything of it is delivered. accept returns the connection's handler, never
// nil, and may send already, or end it.
func NewServer(o ServerOptions, accept func(*Conn) Handler) *Server {
	set := newSettings(o)
	return &Server{
		set:      set,
		accept:   accept,
		sessions: make(map[string]*Conn),
		departed: make(map[string]struct{}),
		claimed:  make(map[string]struct{}),
	}
}

// Len returns the number of connections.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Close accepts nothing more, closes every connection with
// ReasonServerShutdown after what is queued was sent, and waits until
// everything has ended. When ctx ends first, connections are cut off, and its
// error is returned.
func (s *Server) Close(ctx context.Context) error {
	s.running.close()
	s.each(func(c *Conn) { c.Close(ReasonServerShutdown) })
	err := s.running.wait(ctx)
	if err != nil {
		s.each(func(c *Conn) { c.Abort(ReasonServerShutdown) })
		return err
	}
	return s.set.loops.wait(ctx)
}

func (s *Server) each(f func(*Conn)) {
	s.mu.Lock()
	all := make([]*Conn, 0, len(s.sessions))
	for _, c := range s.sessions {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		f(c)
	}
}

// ServeHTTP serves a request of either transport.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		s.answerEarly(w, r) // the bodies of others are not read
	}
	if headerSize(r) > s.set.MaxHeaderBytes {
		s.refuseHeader(w, r)
		return
	}
	if !s.set.originAllowed(r) {
		s.reject(w, r, forbidden, nil, "origin", r.Header.Get("Origin"))
		return
	}
	s.set.allowCrossOrigin(w.Header(), r)
	if r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	query := r.URL.Query()
	switch transport := query.Get("transport"); {
	case !s.set.offers(transport):
		s.reject(w, r, unknownTransport, nil, "transport", transport)
	case (transport == WebSocket) != isWebSocketRequest(r):
		s.refuseMismatch(w, r, query)
	case query.Get("sid") == "":
		s.handshake(w, r, query)
	default:
		s.resume(w, r, query)
	}
}

// refuseMismatch refuses a request whose transport isn't what its query says.
func (s *Server) refuseMismatch(w http.ResponseWriter, r *http.Request, query url.Values) {
	sid := query.Get("sid")
	c := s.session(sid)
	switch {
	case sid != "" && c == nil:
		s.reject(w, r, unknownSession, nil, "sid", sid)
	case sid != "":
		s.rejectTransport(w, r, c, query)
	case r.Method != http.MethodGet:
		s.reject(w, r, badHandshakeMethod, nil, "method", r.Method)
	default:
		s.reject(w, r, badRequest, nil, "name", nameHandshake)
	}
}

// rejectTransport refuses a request that does not fit its session's transport.
func (s *Server) rejectTransport(w http.ResponseWriter, r *http.Request, c *Conn, query url.Values) {
	s.reject(w, r, badRequest, nil, "name", nameMismatch,
		"transport", query.Get("transport"), "previousTransport", c.Transport())
}

func isWebSocketRequest(r *http.Request) bool {
	return r.Method == http.MethodGet &&
		hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

func hasToken(h http.Header, key, token string) bool {
	for _, line := range h[key] {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// handshake opens a session.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, query url.Values) {
	if r.Method != http.MethodGet {
		s.reject(w, r, badHandshakeMethod, nil, "method", r.Method)
		return
	}
	if s.set.AllowRequest != nil {
		if err := s.set.AllowRequest(r); err != nil {
			s.reject(w, r, forbidden, err, "message", err.Error())
			return
		}
	}
	switch {
	case query.Get("EIO") != protocolVersion:
		s.reject(w, r, unsupportedVersion, nil, "protocol", query.Get("EIO"))
	case query.Get("transport") == WebSocket:
		s.openWebSocket(w, r)
	default:
		s.openPolling(w, r)
	}
}

// resume serves a request of an existing session.
func (s *Server) resume(w http.ResponseWriter, r *http.Request, query url.Values) {
	sid := query.Get("sid")
	c := s.session(sid)
	switch {
	case c == nil && r.Method == http.MethodGet && s.depart(sid):
		s.addHeaders(w.Header(), r, false)
		writePayload(w, []byte{packetNoop})
	case c == nil:
		s.reject(w, r, unknownSession, nil, "sid", sid)
	case query.Get("EIO") != protocolVersion:
		s.reject(w, r, badRequest, nil, "name", nameProtocolMismatch,
			"protocol", query.Get("EIO"), "previousProtocol", protocolVersion)
	case query.Get("transport") == WebSocket:
		s.probeWebSocket(w, r, c)
	case c.ws.Load() != nil:
		s.rejectTransport(w, r, c, query)
	case r.Method == http.MethodGet:
		s.servePoll(w, r, c)
	case r.Method == http.MethodPost:
		s.servePost(w, r, c)
	default:
		s.refuse(w, r, badRequest, "method")
	}
}

func (s *Server) session(sid string) *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[sid]
}

// newConn returns a connection that runs until release is called. Otherwise it
// answers the request and returns false.
func (s *Server) newConn(w http.ResponseWriter, r *http.Request) (*Conn, bool) {
	if !s.running.add() {
		s.unavailable(w)
		return nil, false
	}
	added := false
	defer func() {
		if !added { // also when GenerateID panics
			s.running.done()
		}
	}()
	id, err := s.claimID(r)
	if err != nil {
		s.reject(w, r, badRequest, err, "name", nameIDGeneration)
		return nil, false
	}
	added = true
	var c *Conn
	c = newConn(s.set, func() { s.forget(c) }, func() {
		s.unclaimID(id)
		s.running.done()
	})
	c.id = id
	c.request = newRequestInfo(r)
	return c, true
}

var errSessionID = errors.New("engineio: GenerateID returned an empty id or one that is in use")

// claimID returns an id that no other session has.
func (s *Server) claimID(r *http.Request) (string, error) {
	if s.set.GenerateID == nil {
		return rand.Text(), nil // 130 random bits
	}
	id, err := s.set.GenerateID(r)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.claimed[id]; taken || id == "" {
		return "", errSessionID
	}
	s.claimed[id] = struct{}{}
	return id, nil
}

func (s *Server) unclaimID(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claimed, id)
}

// begin hands the connection to the application and makes it known.
func (s *Server) begin(c *Conn) {
	h := s.accept(c)
	c.measureOpened()
	s.mu.Lock()
	s.sessions[c.id] = c
	missed := c.hand(h) // under mu: no request comes before it, and no end before the session is known
	s.mu.Unlock()
	missed()
	c.startHeartbeat()
	if s.running.closing() {
		c.Close(ReasonServerShutdown) // Close may have missed it
	}
}

// forget makes a session unknown. Of one that the client closed it remembers
// the id for the poll that may come yet.
func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c.id)
	// Under mu: a poll that finds the debt taken over must find it in departed.
	if c.owesAnswer() && len(s.departed) < maxDeparted {
		s.departed[c.id] = struct{}{}
		time.AfterFunc(departedTime, func() { s.depart(c.id) })
	}
}

// depart reports whether the session's client left without a poll to learn of
// it, and forgets that.
func (s *Server) depart(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.departed[sid]
	delete(s.departed, sid)
	return ok
}

// unavailable answers while the server closes.
func (s *Server) unavailable(w http.ResponseWriter) {
	s.measureRefused(http.StatusServiceUnavailable)
	w.Header().Set("Connection", "close")
	http.Error(w, "server is shutting down", http.StatusServiceUnavailable)
}

// handshakeData is the payload of the open packet.
type handshakeData struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// openPacket returns the open packet's text.
func (c *Conn) openPacket(upgrades ...string) string {
	b, err := json.Marshal(handshakeData{
		SID:          c.id,
		Upgrades:     append([]string{}, upgrades...),
		PingInterval: c.set.PingInterval.Milliseconds(),
		PingTimeout:  c.set.PingTimeout.Milliseconds(),
		MaxPayload:   c.set.MaxPayload,
	})
	if err != nil {
		return "" // a struct of strings and numbers marshals
	}
	return string(b)
}
