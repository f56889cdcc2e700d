// The page on another origin than the server's: refused unless the server allows it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { startChat } from "./server.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** Serves the built page from an origin of its own, for a server elsewhere. */
async function host(t, server = () => "") {
  const http = createServer(async (request, response) => {
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    try {
      const file = await readFile(new URL(`../../page/${name}`, import.meta.url), "utf8");
      response.setHeader("Content-Type", types[extname(name)]);
      response.end(file.replace('name="chat-server" content=""', `name="chat-server" content="${server()}"`));
    } catch {
      response.writeHead(404).end();
    }
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => http.close());
  return `http://127.0.0.1:${http.address().port}`;
}

for (const transports of ["polling", "websocket"]) {
  test(`another origin is refused over ${transports}`, async (t) => {
    const { url } = await startChat(t, "-origin", "http://elsewhere.example");
    const page = await host(t, () => url);
    const eve = await Person.open(await startBrowser(t), "Eve", page);
    await eve.fill(transports);
    await eve.sees("#login-status", /^No connection \((xhr poll error|websocket error)\)/);
    assert.equal(await eve.page.locator("#session").isVisible(), false);
    await eve.complains(transports === "polling" ? /blocked by CORS policy/ : /Unexpected response code: 403/);
    assert.deepEqual(eve.frames, []);
  });

  test(`another origin is served over ${transports} where the option allows it`, async (t) => {
    let server = "";
    const page = await host(t, () => server);
    ({ url: server } = await startChat(t, "-origin", "http://elsewhere.example", "-origin", page));
    const browser = await startBrowser(t);
    const ann = await Person.open(browser, "Ann", page);
    const bob = await Person.open(browser, "Bob", server); // the server's own page
    await ann.enter(transports);
    await bob.enter(transports);
    await ann.says("from elsewhere");
    await bob.hears("from elsewhere");
    assert.deepEqual(ann.complaints, []);
  });
}
