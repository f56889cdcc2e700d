// Command server is one of the Go servers that the benchmark measures.
//
//	go run ./cmd/server -engine native -addr 127.0.0.1:3000
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"
)

//go:generate go -C ../../.. run ./cmd/siogen generate bench/events.yaml --go-out bench/internal/events

// options are those that a user may set, too.
type options struct {
	// deflate compresses WebSocket messages of compressFrom bytes and more, for
	// clients that ask for it.
	deflate bool
}

// compressFrom is what both siogen and the reference implementation take for a
// threshold, in bytes.
const compressFrom = 1024

// engines make the handlers of the servers by name.
func engines() map[string]func(options) http.Handler {
	return map[string]func(options) http.Handler{
		"native":            nativeHandler,
		"gws":               gwsHandler,
		"zishang520":        zishangHandler,
		"siogen-zishang520": overZishangHandler,
	}
}

func main() {
	engine := flag.String("engine", "native", "native, gws, zishang520 (the library itself) or siogen-zishang520")
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on; port 0 picks a free one")
	stdin := flag.Bool("until-stdin-ends", false, "exit when stdin ends")
	var o options
	flag.BoolVar(&o.deflate, "deflate", false, "compress WebSocket messages (permessage-deflate)")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file until SIGTERM or the end of stdin")
	flag.Parse()
	if err := run(*engine, o, *addr, *profile, *stdin); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(engine string, o options, addr, profile string, stdin bool) error {
	handler, ok := engines()[engine]
	if !ok {
		return fmt.Errorf("unknown engine %q", engine)
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: handler(o), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	fmt.Printf("listening on %s\n", listener.Addr())

	select {
	case err = <-failed:
	case <-ended(stdin):
		err = web.Close()
		if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
	}
	return err
}

// ended returns a channel that is closed on SIGTERM, on Ctrl-C and, if stdin is
// set, when stdin ends: with the program that started this one, however it does.
func ended(stdin bool) <-chan struct{} {
	done := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	eof := make(chan struct{})
	if stdin {
		go func() {
			defer close(eof)
			_, _ = io.Copy(io.Discard, os.Stdin)
		}()
	}
	go func() {
		defer close(done)
		select {
		case <-signals:
		case <-eof:
		}
	}()
	return done
}
