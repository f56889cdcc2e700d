// Command siogen generates typed Socket.IO events, in Go and TypeScript, from
// one schema. `siogen --help` says how.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/siogen/siogen/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once: reading a schema from a terminal
	// or a pipe would not notice the first.
	context.AfterFunc(ctx, stop)
	code := cli.Run(ctx, os.Args[1:], cli.Stdio{Out: os.Stdout, Err: os.Stderr, Program: cli.Program(os.Args[0])})
	stop()
	os.Exit(code)
}
