package engineio

import (
	"errors"
	"os"
	"time"
)

const (
	// freshTime is how long a connection that waits for a request is taken to be as it
	// was, where finding out takes quietTime.
	freshTime = 10 * time.Millisecond
	quietTime = time.Millisecond
)

// quiet reports whether a connection that waits for a request may have one: the
// server has neither closed it nor said anything. It is the only chance to find
// out, for a request that was written is not repeated.
func (c *directConn) quiet() bool {
	if quiet, known := socketIsQuiet(c.nc); known {
		return quiet
	}
	if time.Since(c.since) < freshTime {
		return true
	}
	if c.nc.SetReadDeadline(time.Now().Add(quietTime)) != nil {
		return false
	}
	n, err := c.nc.Read(c.first[:])
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.nc.SetReadDeadline(time.Time{}) == nil
}
