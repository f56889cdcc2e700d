package faults

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/rawpeer"
	"github.com/siogen/siogen/runtime"
)

// Close while clients and the application send: what came before the end came
// whole and in order, everybody is told, and Close returns.
func TestCloseDuringTraffic(t *testing.T) {
	a := serve(t, runtime.ServerOptions{})
	const clients = 8
	var all sync.WaitGroup
	var members []*member
	underWay := make(chan struct{}, clients)
	for range clients {
		ws, m := a.join(t)
		members = append(members, m)
		window := make(chan struct{}, 20) // how many questions are unanswered
		ended := make(chan struct{})
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case window <- struct{}{}:
				case <-ended:
					return
				}
				if err := ws.TrySend(`42` + strconv.Itoa(n) + `["ask","a"]`); err != nil {
					return
				}
			}
		})
		all.Go(func() {
			defer close(ended)
			for n := 0; ; n++ {
				f, err := ws.ReadFrame()
				text := f.String()
				switch {
				case err != nil || f.Opcode == rawpeer.OpClose || text == "41" || text == "1":
					if n < 100 {
						t.Errorf("the connection ended after %d answers: %q, %v", n, text, err)
					}
					ws.Close()
					return
				case text != "43"+strconv.Itoa(n)+`["a"]`:
					t.Errorf("answer %d is %.100q", n, text)
				}
				<-window
				if n == 100 {
					underWay <- struct{}{}
				}
			}
		})
	}
	for range clients {
		wait(t, underWay, "traffic")
	}
	a.close(t)
	all.Wait()
	for _, m := range members {
		m.wantGone(t, runtime.ServerShuttingDown)
	}
	if got := a.at.Do(t, "GET", "EIO=4&transport=polling", ""); got.Status == 200 {
		t.Errorf("a handshake after Close: %v", got)
	}
}

func TestCloseDuringAnUpgrade(t *testing.T) {
	for name, polling := range map[string]bool{"probed": false, "probed, with an open GET": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, runtime.ServerOptions{})
			p, m := a.joinPolling(t)
			ws := p.WebSocket(t, "EIO=4&transport=websocket&sid="+p.SID)
			ws.Send("2probe")
			ws.Want("3probe")
			if polling {
				defer p.BeginGet().Cancel()
			}
			a.close(t)
			wantCut(t, ws)
			m.wantGone(t, runtime.ServerShuttingDown)
		})
	}
}

// Nobody answers the broadcast; Close ends the wait for them.
func TestCloseDuringABroadcastWithAcks(t *testing.T) {
	a := serve(t, runtime.ServerOptions{})
	result := make(chan error, 1)
	var peers []*rawpeer.WebSocket
	var members []*member
	for range 3 {
		ws, m := a.join(t)
		peers, members = append(peers, ws), append(members, m)
	}
	go func() {
		_, err := runtime.Collect(context.Background(), a.all.Timeout(time.Hour).Broadcast, event("question", ""), oneString)
		result <- err
	}()
	for _, ws := range peers {
		if got := ws.Next(); !strings.HasPrefix(got, "42") || !strings.HasSuffix(got, `["question",""]`) {
			t.Fatalf("got %q", got)
		}
	}
	var all sync.WaitGroup
	for _, ws := range peers {
		all.Go(func() {
			for f, err := ws.ReadFrame(); err == nil && f.Opcode != rawpeer.OpClose; {
				f, err = ws.ReadFrame()
			}
			ws.Close()
		})
	}
	a.close(t)
	all.Wait()
	if err := wait(t, result, "end of the broadcast"); err == nil {
		t.Error("Collect: nobody is missing")
	}
	for _, m := range members {
		m.wantGone(t, runtime.ServerShuttingDown)
	}
}
