package engineio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

var errBodyClosed = errors.New("engineio: answer is closed")

// directBody is the body of an answer. When it was read to its end the connection
// may have another request; when it is closed before, so is the connection, for
// what is left may have no end.
type directBody struct {
	conn *directConn // nil when it has ended
	ctx  context.Context
	from io.Reader
	err  error // why it has ended
}

// Read implements io.Reader.
func (b *directBody) Read(p []byte) (int, error) {
	if b.conn == nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	if err == io.EOF {
		b.end(err)
	} else if err != nil {
		err = orCause(b.ctx, err)
		b.end(err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *directBody) Close() error {
	b.end(errBodyClosed)
	return nil
}

func (b *directBody) end(err error) {
	if b.conn == nil {
		return
	}
	b.conn.done(err == io.EOF)
	b.conn, b.ctx, b.from, b.err = nil, nil, nil, err
}

func isGzip(h http.Header) bool { return strings.EqualFold(h.Get("Content-Encoding"), "gzip") }

var gunzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gunzipBody unpacks the body of an answer.
type gunzipBody struct {
	from *directBody
	zip  *gzip.Reader // since the first Read
	err  error        // why it has ended
}

// Read implements io.Reader.
func (b *gunzipBody) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.zip == nil {
		b.zip = gunzippers.Get().(*gzip.Reader)
		b.err = b.zip.Reset(b.from)
	}
	if b.err == nil {
		n, b.err = b.zip.Read(p)
	}
	if b.err != nil {
		b.drop()
	}
	return n, b.err
}

// Close implements io.Closer.
func (b *gunzipBody) Close() error {
	if b.err == nil {
		b.err = errBodyClosed
	}
	b.drop()
	return b.from.Close()
}

func (b *gunzipBody) drop() {
	if b.zip == nil {
		return
	}
	gunzippers.Put(b.zip)
	b.zip = nil
}
