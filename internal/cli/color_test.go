package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestColorsAreForTerminalsOnly(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	// To the operating system the null device is as much of a character device
	// as a terminal.
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	if !color(device) {
		t.Error("none on a character device")
	}
	if color(file) {
		t.Error("some in a file")
	}
	if color(&bytes.Buffer{}) {
		t.Error("some in memory")
	}
	t.Setenv("TERM", "dumb")
	if color(device) {
		t.Error("some on a dumb terminal")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if color(device) {
		t.Error("some with NO_COLOR")
	}
}
