package socketio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAttachmentsHaveTheirTimeForEachPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		expired := make(chan time.Duration, 1)
		w := attachmentWait{limit: time.Minute, expired: func() { expired <- time.Since(began) }}
		for range 3 {
			w.follow(true)
			time.Sleep(59 * time.Second)
			w.follow(true) // one of two has come
			w.follow(false)
			time.Sleep(time.Hour)
		}
		want(t, "packets that were late", len(expired), 0)

		began = time.Now()
		w.follow(true)
		time.Sleep(40 * time.Second)
		w.follow(true) // which does not prolong it
		want(t, "time for the last packet", <-expired, time.Minute)
	})
}
