package socketio

import (
	"sync"
	"testing"
)

func TestPostedCallbacksRunAfterTheOneThatRuns(t *testing.T) {
	var turn turn
	var log []int
	turn.enter()
	turn.post(func() {
		log = append(log, 2)
		turn.post(func() { log = append(log, 4) })
		log = append(log, 3)
	})
	log = append(log, 1)
	turn.leave()
	turn.post(func() { log = append(log, 5) })
	for i, n := range log {
		want(t, "order", n, i+1)
	}
	want(t, "callbacks", len(log), 5)
}

func TestOneCallbackRunsAtATime(t *testing.T) {
	var turn turn
	count := 0 // without the turn the race detector would see it
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				if i%2 == 0 {
					turn.enter()
					count++
					turn.leave()
				} else {
					turn.post(func() { count++ })
				}
			}
		})
	}
	all.Wait()
	turn.enter()
	want(t, "callbacks", count, 4000)
	turn.leave()
}
