package docs_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/testjs"
)

// A newcomer does what the quick start says, from top to bottom: writes its files,
// types its commands, and compares what is printed.
func TestQuickStart(t *testing.T) {
	n := newNewcomer(t)
	page := file(t, "quick-start.md")
	last, where := 0, "terminal"
	for _, m := range block.FindAllStringSubmatchIndex(page, -1) {
		before, language, text := page[last:m[0]], page[m[2]:m[3]], page[m[4]:m[5]]
		last = m[1]
		if strings.Contains(before, "In another terminal, in the folder of your module:") {
			n.folder = n.project()
		}
		switch name := named.FindStringSubmatch(before); {
		case name != nil:
			n.write(name[1], text)
		case language == "sh":
			n.types(text)
			where = "terminal"
			if strings.HasSuffix(text, "go run .\n") {
				where = "server"
			}
		case language == "text":
			if strings.Contains(before, "the server's terminal") {
				where = "server"
			}
			n.sees(text, where)
		default:
			t.Fatalf("nobody knows what to do with\n%s", text)
		}
	}
	// The end of the page: what both compilers ask for is all there is to do.
	n.folder = n.project()
	n.replace("main.go", "EmitMessage", "EmitSaid")
	n.replace("client/client.ts", `"message"`, `"said"`)
	n.stop()
	n.types("go run .")
	n.types("cd client\nnpx tsc\nnode dist/client.js")
	n.sees("server: somebody enters\n1\n", "terminal")
}

// A file is named right before its block.
var named = regexp.MustCompile("`([\\w./-]+\\.(?:go|yaml|ts|js|json))`:\n\n$")

// newcomer is somebody with an empty folder.
type newcomer struct {
	t       *testing.T
	home    string
	folder  string // where the terminal is
	host    string // in place of 127.0.0.1
	printed string // by the last commands
	failed  bool   // the last command
	server  *exec.Cmd
	said    chan string // by the server, line by line
}

func newNewcomer(t *testing.T) *newcomer {
	testjs.Modules(t)
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	n := &newcomer{t: t, home: home, folder: home, host: "127.0.0.1"}
	if runtime.GOOS == "linux" {
		// Port 3000 of an address that nobody else on this machine uses.
		pid := os.Getpid()
		n.host = fmt.Sprintf("127.%d.%d.%d", 1+pid>>16&127, pid>>8&255, pid&255)
	}
	t.Cleanup(n.stop)
	return n
}

func (n *newcomer) project() string { return filepath.Join(n.home, "quickstart") }

func (n *newcomer) write(name, text string) {
	n.t.Helper()
	text = strings.ReplaceAll(text, "127.0.0.1", n.host)
	if err := os.WriteFile(filepath.Join(n.project(), name), []byte(text), 0o666); err != nil {
		n.t.Fatal(err)
	}
}

func (n *newcomer) replace(name, old, with string) {
	n.t.Helper()
	text := file(n.t, filepath.Join(n.project(), name))
	if !strings.Contains(text, old) {
		n.t.Fatalf("%s has no %s", name, old)
	}
	n.write(name, strings.ReplaceAll(text, old, with))
}

// types types commands, line by line.
func (n *newcomer) types(commands string) {
	n.t.Helper()
	n.printed, n.failed = "", false
	for line := range strings.Lines(commands) {
		if n.failed {
			n.t.Fatalf("the command before %q failed:\n%s", line, n.printed)
		}
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case words[0] == "cd":
			n.folder = filepath.Join(n.folder, words[1])
		case line == "mkdir quickstart && cd quickstart":
			n.folder = n.project()
			if err := os.Mkdir(n.folder, 0o777); err != nil {
				n.t.Fatal(err)
			}
		case line == "git clone https://github.com/siogen/siogen":
			if err := os.Symlink(testjs.Root(n.t), filepath.Join(n.home, "siogen")); err != nil {
				n.t.Fatal(err)
			}
		case strings.HasPrefix(line, "npm install "):
			for _, pkg := range words[2:] {
				if pkg != "--save-dev" {
					n.install(pkg)
				}
			}
		case line == "go run .":
			n.start()
		default:
			n.run(line)
		}
	}
}

func (n *newcomer) run(line string) {
	n.t.Helper()
	cmd := exec.CommandContext(n.t.Context(), "sh", "-c", line)
	cmd.Dir = n.folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOSUMDB=off", "NO_COLOR=1")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	for said := range strings.Lines(string(out)) {
		if !strings.HasPrefix(said, "npm warn ") { // about settings of this machine
			n.printed += said
		}
	}
	n.failed = err != nil
}

// install takes a package from the repository's own, in the same version.
func (n *newcomer) install(pkg string) {
	n.t.Helper()
	at := strings.LastIndex(pkg, "@")
	name, version := pkg[:at], pkg[at+1:]
	folder := map[string]string{"typescript": string(testjs.TypeScript5)}[name]
	from := filepath.Join(testjs.Modules(n.t), cmp.Or(folder, name))
	var manifest struct {
		Version string
		Bin     map[string]string
	}
	if err := json.Unmarshal([]byte(file(n.t, filepath.Join(from, "package.json"))), &manifest); err != nil {
		n.t.Fatal(err)
	}
	if manifest.Version != version && !strings.HasPrefix(manifest.Version, version+".") {
		n.t.Errorf("the page installs %s; package.json has version %s", pkg, manifest.Version)
	}
	modules := filepath.Join(n.folder, "node_modules")
	links := map[string]string{filepath.Join(modules, name): from}
	for command, path := range manifest.Bin {
		links[filepath.Join(modules, ".bin", command)] = filepath.Join(from, path)
	}
	for link, target := range links {
		if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
			n.t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			n.t.Fatal(err)
		}
	}
}

// start starts the server in a terminal of its own.
func (n *newcomer) start() {
	n.t.Helper()
	binary := filepath.Join(n.home, "server")
	n.run("go build -o " + binary + " .") // go run would hand no signal on
	if n.failed {
		n.t.Fatalf("go run .:\n%s", n.printed)
	}
	n.server = exec.Command(binary)
	out, err := n.server.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	n.server.Stderr = n.server.Stdout
	if err := n.server.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.said = make(chan string, 100)
	go func() {
		defer close(n.said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n.said <- lines.Text() + "\n"
		}
	}()
}

func (n *newcomer) stop() {
	if n.server == nil {
		return
	}
	_ = n.server.Process.Kill()
	for range n.said {
	}
	_ = n.server.Wait()
	n.server = nil
}

// sees compares what the page shows with what the last commands, or the server,
// printed.
func (n *newcomer) sees(want, where string) {
	n.t.Helper()
	got := n.printed
	if where == "server" {
		select {
		case got = <-n.said:
		case <-time.After(time.Minute):
			n.t.Fatalf("the server says nothing; the page says it does:\n%s", want)
		}
	}
	if got, want := timeless(strings.ReplaceAll(got, n.host, "127.0.0.1")), timeless(want); got != want {
		n.t.Errorf("printed:\n%s\nthe page says:\n%s", got, want)
	}
}

// What differs each time: how long it took, when it was, who it was.
var differs = []*regexp.Regexp{
	regexp.MustCompile(`(in )[0-9.]+m?s(\n)`),
	regexp.MustCompile(`()\d{4}/\d\d/\d\d \d\d:\d\d:\d\d( WARN)`),
	regexp.MustCompile(`( id=)[\w-]{24}( )`),
}

func timeless(text string) string {
	for _, each := range differs {
		text = each.ReplaceAllString(text, "$1…$2")
	}
	return text
}
