package engineio_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/siogen/siogen/runtime/engineio"
)

// echo sends back what comes.
type echo struct{ conn *engineio.Conn }

func (e echo) Message(data []byte, binary bool) {
	_ = e.conn.Send(append([]byte("you said: "), data...), nil, engineio.Flags{})
}

func (e echo) Closed(string, error) {}

// printer hands over the first message.
type printer chan string

func (p printer) Message(data []byte, binary bool) { p <- string(data) }
func (p printer) Closed(string, error)             {}

// Engine.IO alone: messages between two ends, over whatever transport there is.
func Example() {
	server := engineio.NewServer(engineio.ServerOptions{}, func(c *engineio.Conn) engineio.Handler { return echo{c} })
	web := httptest.NewServer(server)
	defer web.Close()

	got := make(printer, 1)
	conn, err := engineio.Dial(context.Background(), web.URL, engineio.DialOptions{}, func(*engineio.Conn) engineio.Handler { return got })
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := conn.Send([]byte("hello"), nil, engineio.Flags{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(<-got)
	conn.Close("done")
	<-conn.Done()
	// Output: you said: hello
}
