package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Server is one that can be measured.
type Server struct {
	// Name is for flags and results, Title for tables.
	Name, Title string
	// Plain: it speaks no Socket.IO.
	Plain bool
	// runtime is what runs it, unless it is a program of its own.
	runtime string
	command []string
	dir     string
}

// Native is the name of the server that the others are compared with.
const Native = "native"

// Deflate is the argument that makes every server compress WebSocket messages,
// for clients that ask for it.
const Deflate = "--deflate"

// Missing says why a server can't be measured here.
type Missing struct {
	Title string
	Err   error
}

// Prepare builds the Go servers into a folder and looks for the others. bench is
// the folder of the benchmark. What can't be had is left out, and said.
func Prepare(ctx context.Context, bench, folder string) ([]Server, []Missing, error) {
	bench, err := filepath.Abs(bench)
	if err != nil {
		return nil, nil, err
	}
	binary := filepath.Join(folder, "server")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/server")
	build.Dir = bench
	if out, err := build.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("building the servers: %w\n%s", err, out)
	}
	goServer := func(engine, title string, plain bool) Server {
		return Server{Name: engine, Title: title, Plain: plain, dir: bench,
			command: []string{binary, "-engine", engine, "-until-stdin-ends"}}
	}
	servers := []Server{
		goServer(Native, "siogen", false),
		goServer("gws", "plain gws", true),
		goServer("zishang520", "zishang520 v3.0.4", false),
		goServer("siogen-zishang520", "siogen over zishang520", false),
	}
	var missing []Missing
	for _, find := range []func(ctx context.Context, bench string) (Server, error){node, bun} {
		s, err := find(ctx, bench)
		if err != nil {
			missing = append(missing, Missing{s.Title, err})
		} else {
			servers = append(servers, s)
		}
	}
	return servers, missing, ctx.Err()
}

var errNoModules = errors.New("its packages are not installed; run npm ci in bench/")

func node(ctx context.Context, bench string) (Server, error) {
	s := Server{Name: "node", Title: "socket.io 4.8.4 on Node", runtime: "Node", dir: bench, command: []string{"node", "js/node.js"}}
	if _, err := exec.LookPath("node"); err != nil {
		return s, err
	}
	if _, err := os.Stat(filepath.Join(bench, "node_modules", "socket.io")); err != nil {
		return s, errNoModules
	}
	return s, nil
}

// bun finds the binary in the package of this platform: the one in the package
// bun itself is put there by an install script, and those don't run.
func bun(ctx context.Context, bench string) (Server, error) {
	s := Server{Name: "bun", Title: "socket.io 4.8.4 on Bun", runtime: "Bun", dir: bench}
	arch := map[string]string{"amd64": "x64", "arm64": "aarch64"}[runtime.GOARCH]
	binaries, err := filepath.Glob(filepath.Join(bench, "node_modules", "@oven", "bun-"+runtime.GOOS+"-"+arch+"*", "bin", "bun"))
	if err != nil || len(binaries) == 0 {
		return s, errNoModules
	}
	for _, binary := range binaries { // some are for other C libraries or processors
		if err = exec.CommandContext(ctx, binary, "--version").Run(); err == nil {
			s.command = []string{binary, "js/bun.js"}
			return s, nil
		}
	}
	return s, fmt.Errorf("its binary doesn't run here: %w", err)
}
