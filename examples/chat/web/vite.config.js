// npx vite build examples/chat/web    builds the page into examples/chat/page, which the Go server embeds
// npx vite examples/chat/web          serves it while you work on it, over a chat on port 3000
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../page",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      // Names without hashes: the built page is committed, and its history stays readable.
      output: { entryFileNames: "chat.js", assetFileNames: "[name][extname]" },
    },
  },
  server: { proxy: { "/socket.io": { target: "http://127.0.0.1:3000", ws: true } } },
});
