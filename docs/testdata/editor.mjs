// Asks yaml-language-server, which VS Code's YAML extension is made of, about a
// file: node editor.mjs FILE SETTINGS LINE CHARACTER. Prints, as JSON, the messages of
// the problems that it finds and what it offers at the place (from 0).
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [file, settings, line, character] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve("yaml-language-server/package.json")), "bin", "yaml-language-server");
const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = createRequire(bin)("vscode-jsonrpc/node");

const server = spawn(process.execPath, [bin, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const limit = setTimeout(() => {
  console.error("no answer from yaml-language-server within 60 s");
  server.kill();
  process.exit(1);
}, 60_000);
const connection = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
const uri = pathToFileURL(file).href;
const folder = pathToFileURL(dirname(file)).href;

connection.onRequest("workspace/configuration", ({ items }) =>
  items.map(({ section }) => (section === "yaml" ? { ...JSON.parse(settings), schemaStore: { enable: false } } : null)),
);
connection.onRequest("client/registerCapability", () => null);
const problems = new Promise((resolve) => {
  connection.onNotification("textDocument/publishDiagnostics", (found) => found.uri === uri && resolve(found.diagnostics));
});
connection.listen();

await connection.sendRequest("initialize", {
  processId: process.pid,
  rootUri: folder,
  workspaceFolders: [{ uri: folder, name: "project" }],
  capabilities: {
    textDocument: { completion: { completionItem: { snippetSupport: true } } },
    workspace: { configuration: true, workspaceFolders: true },
  },
});
await connection.sendNotification("initialized", {});
const text = readFileSync(file, "utf8");
await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
const diagnostics = await problems;
const completion = await connection.sendRequest("textDocument/completion", {
  textDocument: { uri },
  position: { line: Number(line), character: Number(character) },
});
console.log(
  JSON.stringify({
    problems: diagnostics.map((d) => `${d.range.start.line + 1}: ${d.message}`),
    offers: (completion?.items ?? completion ?? []).map((item) => item.label),
  }),
);
await connection.sendRequest("shutdown");
await connection.sendNotification("exit");
clearTimeout(limit);
