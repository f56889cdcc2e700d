package main

import (
	"net/http"
	"sync"

	"github.com/lxzan/gws"

	"github.com/siogen/siogen/bench/internal/load"
)

// gwsHandler is what WebSocket alone costs: whatever comes goes back, or to
// everybody, and nothing is looked at.
func gwsHandler(o options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(load.PlainPath, upgrade(echo{}, o))
	mux.Handle(load.PlainBroadcastPath, upgrade(&broadcast{members: make(map[*gws.Conn]struct{})}, o))
	return mux
}

func upgrade(events gws.Event, o options) http.Handler {
	upgrader := gws.NewUpgrader(events, &gws.ServerOption{
		PermessageDeflate: gws.PermessageDeflate{Enabled: o.deflate, Threshold: compressFrom},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return // gws has answered
		}
		go conn.ReadLoop() // so that net/http's buffers are freed, as gws recommends
	})
}

type echo struct{ gws.BuiltinEventHandler }

func (echo) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = conn.WriteMessage(message.Opcode, message.Bytes())
}

type broadcast struct {
	gws.BuiltinEventHandler
	mu      sync.RWMutex
	members map[*gws.Conn]struct{}
}

func (b *broadcast) OnOpen(conn *gws.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members[conn] = struct{}{}
}

func (b *broadcast) OnClose(conn *gws.Conn, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.members, conn)
}

func (b *broadcast) OnMessage(_ *gws.Conn, message *gws.Message) {
	defer message.Close()
	all := gws.NewBroadcaster(message.Opcode, message.Bytes())
	defer all.Close()
	b.mu.RLock()
	defer b.mu.RUnlock()
	for conn := range b.members {
		_ = all.Broadcast(conn)
	}
}
