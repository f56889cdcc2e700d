// Command cli is a command-line client of the example chat.
//
//	go run ./examples/chat/cli -url http://127.0.0.1:3000 -name Ann
//
// A line is a message; /join ROOM, /avatar FILE.png, /hello and /quit are
// commands.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:3000", "the server")
	token := flag.String("token", "secret", "what the server wants to see")
	name := flag.String("name", "", "your name")
	room := flag.String("room", "lobby", "the room to enter first")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *url, *token, *name, chatio.Room(*room), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cli:", err)
		os.Exit(1)
	}
}

// maxHeld is how many messages may wait for the connection.
const maxHeld = 100

// client is one user at a terminal.
type client struct {
	io   *chatio.Client
	back chan struct{} // connected again: the room is to be entered anew
	out  io.Writer

	// What follows is run's alone, not the handlers'.

	room    chatio.Room // that of what is typed
	session string      // the id of the session that is in it
	held    []string    // messages that were typed without one
}

// run chats until the input or ctx ends.
func run(ctx context.Context, url, token, name string, room chatio.Room, in io.Reader, out io.Writer) error {
	c := &client{io: chatio.NewClient(url, runtime.ClientOptions{}), back: make(chan struct{}, 1), out: out, room: room}
	auth := chatio.HandshakeAuth{Token: token}
	if name != "" {
		auth.Name = &name
	}
	c.io.SetAuth(auth)
	c.listen()
	if err := c.io.Connect(ctx); err != nil {
		return errors.Join(fmt.Errorf("connecting to %s: %w", url, err), c.io.Close())
	}
	err := c.enter(ctx)
	if err == nil {
		err = c.chat(ctx, in)
	}
	return errors.Join(err, c.io.Close())
}

// listen prints what the server sends.
func (c *client) listen() {
	c.io.OnMessage(func(_ context.Context, msg chatio.Message, room chatio.Room) error {
		switch m := msg.(type) {
		case *chatio.TextMessage:
			c.printf("[%s] %s: %s", room, m.From.Name, m.Text)
		case *chatio.ImageMessage:
			c.printf("[%s] %s sends a picture, %d × %d, %d bytes", room, m.From.Name, m.Size.Width, m.Size.Height, len(m.Image))
		case *chatio.SystemMessage:
			c.printf("[%s] (%s) %s", room, m.Level, m.Text)
		}
		return nil
	})
	c.io.OnUserJoined(func(_ context.Context, user chatio.User, room chatio.Room) error {
		c.printf("[%s] %s enters", room, user.Name)
		return nil
	})
	c.io.OnUserLeft(func(_ context.Context, user chatio.User, room chatio.Room) error {
		c.printf("[%s] %s leaves", room, user.Name)
		return nil
	})
	c.io.OnAvatarChanged(func(_ context.Context, userID int, image []byte) error {
		c.printf("user %d has a new picture of %d bytes", userID, len(image))
		return nil
	})
	c.io.OnBasicEmit(func(_ context.Context, a int, b string, data []byte) error {
		c.printf("basicEmit %d %q % x", a, b, data)
		return nil
	})
	c.io.OnWithAck(func(_ context.Context, d string) (int, error) {
		c.printf("the server asks: %s", d)
		return 42, nil
	})
	c.io.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) {
		if c.io.Active() {
			c.printf("disconnected: %s; reconnecting", reason)
		} else {
			c.printf("disconnected: %s", reason)
		}
	})
	c.io.OnReconnect(func(_ context.Context, attempt int) {
		c.printf("connected again, at attempt %d", attempt)
		select {
		case c.back <- struct{}{}: // not here: waiting would hold up the events that the server waits for
		default:
		}
	})
}

// chat reads lines until there are no more.
func (c *client) chat(ctx context.Context, in io.Reader) error {
	lines := make(chan string)
	go func() { // ends with the input; at the latest with the process
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line, more := <-lines:
			if !more || line == "/quit" {
				return nil
			}
			if err := c.command(ctx, line); err != nil {
				c.printf("error: %v", err)
			}
		case <-c.back:
			if err := c.enter(ctx); err != nil {
				c.printf("error: %v", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// command does what one line says.
func (c *client) command(ctx context.Context, line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch verb {
	case "":
		return nil
	case "/join":
		return c.join(ctx, chatio.Room(arg))
	case "/hello":
		return c.io.EmitHello()
	case "/avatar":
		image, err := os.ReadFile(arg)
		if err != nil {
			return err
		}
		return c.io.EmitSetAvatar(image)
	default:
		return c.say(ctx, line)
	}
}

// say sends a message, once the room has been entered: of itself the runtime would
// send it as soon as there is a connection, before that.
func (c *client) say(ctx context.Context, text string) error {
	if id := c.io.ID(); c.io.Active() && (id == "" || id != c.session) {
		if len(c.held) == maxHeld {
			return errors.New("too many messages wait for the connection")
		}
		c.held = append(c.held, text)
		return nil
	}
	_, err := c.io.EmitChatMessage(ctx, c.room, text)
	return err
}

// enter enters the room in which the user was, which a new session is not in, and
// sends what was typed meanwhile.
func (c *client) enter(ctx context.Context) error {
	errs := []error{c.join(ctx, c.room)}
	c.session = c.io.ID()
	held := c.held
	c.held = nil
	for _, text := range held {
		errs = append(errs, c.say(ctx, text))
	}
	return errors.Join(errs...)
}

// join enters a room and shows who is there.
func (c *client) join(ctx context.Context, room chatio.Room) error {
	members, err := c.io.EmitJoin(ctx, room)
	var refused *chatio.JoinError
	if errors.As(err, &refused) {
		c.printf("can't join %s: %s (%s)", room, refused.Message, refused.Code)
		return nil
	}
	if err != nil {
		return err
	}
	c.room = room
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Name
	}
	c.printf("in %s: %s", room, strings.Join(names, ", "))
	return nil
}

func (c *client) printf(format string, args ...any) {
	fmt.Fprintf(c.out, format+"\n", args...)
}
