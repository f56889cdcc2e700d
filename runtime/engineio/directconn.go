package engineio

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	// directWriteBuffer holds the header of a request; it exists while that is written.
	directWriteBuffer = 2 << 10
	// writtenTime is how long an answer that is there waits for its request to have been
	// written: it was, unless the server answers early.
	writtenTime = 50 * time.Millisecond
)

const errHeaderLate = lateError("engineio: waiting for the header of an answer took too long")

// lateError is a time limit of an http.Transport that has passed: a net.Error, as
// that has it.
type lateError string

// Error implements error.
func (e lateError) Error() string { return string(e) }

// Timeout implements net.Error.
func (lateError) Timeout() bool { return true }

// Temporary implements net.Error.
func (lateError) Temporary() bool { return true }

// Is makes it what other time limits are.
func (lateError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// answerReaders are the buffers of answers that are being read: a connection has one
// from the first byte of an answer to the last.
var answerReaders = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// directConn is a network connection of direct. It belongs to one request, or waits
// for one in direct.idle.
type directConn struct {
	owner *direct
	nc    net.Conn
	since time.Time   // when it began to wait; guarded by owner.mu
	timer *time.Timer // ends the waiting; guarded by owner.mu

	// Of the request that it belongs to.
	stop    func() bool   // of its context's AfterFunc
	written chan error    // tells how the goroutine that writes it has ended; nil: there is none
	br      *bufio.Reader // since the answer has begun
	first   [1]byte       // of the answer
	peeked  bool          // first is to be read
	left    int64         // bytes that may be read
	broken  bool          // reading has failed
	keep    bool          // both ends would have another request
}

// roundTrip makes a request.
func (c *directConn) roundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c.stop = context.AfterFunc(ctx, c.cut)
	out, unzip := c.outgoing(req)
	res, err := c.ask(out)
	if err != nil {
		if failed := c.close(); failed != nil && wasCut(err) {
			err = failed // why it was
		}
		return nil, orCause(ctx, err)
	}
	res.Request = req
	c.keep = !res.Close && !out.Close && !hasToken(out.Header, "Connection", "close") && res.StatusCode >= http.StatusOK
	c.left = math.MaxInt64
	if res.Body == http.NoBody {
		c.done(true)
		return res, nil
	}
	body := &directBody{conn: c, ctx: ctx, from: res.Body}
	res.Body = body
	if unzip && isGzip(res.Header) {
		res.Body = &gunzipBody{from: body}
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength, res.Uncompressed = -1, true
	}
	return res, nil
}

// outgoing returns the request as it is sent, and whether its answer, in gzip, is to
// be unpacked.
func (c *directConn) outgoing(req *http.Request) (out *http.Request, unzip bool) {
	out = req.WithContext(req.Context()) // a copy
	out.Header = req.Header.Clone()
	if out.Body == (onceOnly{}) {
		out.Body = nil
	}
	if c.owner.proxy != nil {
		authorize(out.Header, c.owner.proxy)
	}
	out.Close = out.Close || c.owner.once
	unzip = !c.owner.noGzip && out.Header.Get("Accept-Encoding") == ""
	if unzip {
		out.Header.Set("Accept-Encoding", "gzip")
	}
	return out, unzip
}

// ask sends a request and reads the header of the answer. A body is sent meanwhile:
// the server may answer before it has all of it.
func (c *directConn) ask(out *http.Request) (res *http.Response, err error) {
	if out.Body != nil {
		written := make(chan error, 1)
		c.written = written
		go func() {
			err := c.write(out)
			if err != nil {
				c.cut()
			}
			written <- err
		}()
		return c.answer(out)
	}
	if err := c.write(out); err != nil {
		return nil, err
	}
	if d := c.owner.headerTime; d > 0 {
		timer := time.AfterFunc(d, c.cut)
		defer func() {
			if !timer.Stop() {
				res, err = nil, errHeaderLate
			}
		}()
	}
	return c.answer(out)
}

func (c *directConn) write(out *http.Request) error {
	w := bufio.NewWriterSize(c.nc, directWriteBuffer)
	write := out.Write
	if c.owner.proxy != nil {
		write = out.WriteProxy
	}
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// answer reads the header of an answer, except those that announce another one (RFC
// 9110, section 15.2). It needs no buffer while there is nothing.
func (c *directConn) answer(out *http.Request) (*http.Response, error) {
	c.left = c.owner.headerLimit
	n, err := c.Read(c.first[:])
	for n == 0 && err == nil {
		n, err = c.Read(c.first[:])
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if n == 0 {
		return nil, err
	}
	c.peeked = true
	c.br = answerReaders.Get().(*bufio.Reader)
	c.br.Reset(c)
	for {
		res, err := http.ReadResponse(c.br, out)
		switch {
		case err != nil && c.left == 0:
			return nil, errHeaderTooLong
		case err != nil:
			return nil, err
		case res.StatusCode >= http.StatusOK || res.StatusCode == http.StatusSwitchingProtocols:
			return res, nil
		}
	}
}

// Read implements io.Reader for answers.
func (c *directConn) Read(p []byte) (int, error) {
	switch {
	case c.left == 0:
		return 0, errHeaderTooLong
	case c.peeked && len(p) > 0:
		c.peeked = false
		p[0] = c.first[0]
		return 1, nil
	}
	n, err := c.nc.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.broken = c.broken || err != nil
	return n, err
}

// cut ends what is waiting for the connection, which is of no use then. It doesn't
// wait, as closing may with TLS.
func (c *directConn) cut() {
	if err := c.nc.SetDeadline(longAgo); err != nil {
		_ = c.nc.Close()
	}
}

// wasCut reports whether reading failed because of cut.
func wasCut(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed)
}

// done ends a request. complete says that its answer was read to the end.
func (c *directConn) done(complete bool) {
	if complete && c.keep && !c.broken && c.br.Buffered() == 0 && c.hasWritten() && c.stop() {
		c.stop = nil
		c.dropReader()
		if c.owner.put(c) {
			return
		}
	}
	_ = c.close()
}

// hasWritten reports whether all of the request was written.
func (c *directConn) hasWritten() bool {
	if c.written == nil {
		return true
	}
	timer := time.NewTimer(writtenTime)
	defer timer.Stop()
	select {
	case err := <-c.written:
		c.written = nil
		return err == nil
	case <-timer.C:
		return false
	}
}

// close closes the connection and returns why the request could not be written, if
// it could not.
func (c *directConn) close() error {
	if c.stop != nil {
		c.stop()
	}
	_ = c.nc.Close()
	c.dropReader()
	if c.written == nil {
		return nil
	}
	err := <-c.written
	c.written = nil
	return err
}

func (c *directConn) dropReader() {
	if c.br == nil {
		return
	}
	c.br.Reset(nil)
	answerReaders.Put(c.br)
	c.br = nil
}
