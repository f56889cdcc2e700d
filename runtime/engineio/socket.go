package engineio

import "errors"

// socket is direct access to what is below a WebSocket: writes that do not wait, and
// reads that need no buffer while there is nothing.
type socket interface {
	// tryWrite writes what is taken at once.
	tryWrite(b []byte) (int, error)
	// read reads at least one byte into p, or, with p nil, into the buffer that
	// w.takeBuffer returns. It waits for data, or fails with errNothingYet.
	read(w *wsConn, p []byte) (int, error)
}

// errNothingYet: there is nothing to be read now, and somebody else waits for it.
var errNothingYet = errors.New("engineio: nothing to be read yet")
