package main

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
)

// built is the page that "make page" builds from web/.
//
//go:embed page
var built embed.FS

// policy lets the page load and connect to nothing but this server. Pictures
// that came over the socket are blobs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newPage serves the chat's page.
func newPage() (http.Handler, error) {
	files, err := fs.Sub(built, "page")
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // the files' names stay when they change
		serve.ServeHTTP(w, r)
	}), nil
}
