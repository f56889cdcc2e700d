package socketio

import "time"

// attachmentWait bounds how long a connection holds a packet whose attachments
// have not all come. Message and Closed of the connection's handler use it, which
// never run at the same time.
type attachmentWait struct {
	limit   time.Duration
	expired func() // called from a goroutine of its own
	// timer is made for the first packet that has to wait, and used again.
	timer   *time.Timer
	waiting bool
}

// follow is told whether attachments are missing, whenever that may have changed.
func (w *attachmentWait) follow(missing bool) {
	if missing == w.waiting {
		return
	}
	w.waiting = missing
	switch {
	case !missing:
		w.timer.Stop()
	case w.timer == nil:
		w.timer = time.AfterFunc(w.limit, w.expired)
	default:
		w.timer.Reset(w.limit)
	}
}
