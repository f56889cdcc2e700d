// What happens to people whose server goes away, or whose connection does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { Proxy, startChat } from "./server.mjs";

const transports = ["polling", "websocket", "polling websocket"];

for (const transport of transports) {
  for (const signal of ["SIGKILL", "SIGTERM"]) {
    test(`over ${transport}, both come back to a server that ended with ${signal} and was started again`, async (t) => {
      const before = await startChat(t);
      const proxy = await Proxy.start(t, before.url);
      const browser = await startBrowser(t);
      const [ann, bob] = await Promise.all(["Ann", "Bob"].map((name) => Person.open(browser, name, proxy.url)));
      await ann.enter(transport);
      await bob.enter(transport);
      await ann.says("before");
      await bob.hears("before");

      await before.stop(signal);
      proxy.cut(); // its port may be that of another program soon
      await ann.sees("#status", /^Connection lost/);
      await bob.sees("#status", /^Connection lost/);
      await ann.says("while nobody listened");
      await ann.isTold("while nobody listened", "waiting for the connection");

      const after = await startChat(t);
      proxy.connect(after.url);
      for (const person of [ann, bob]) {
        await person.sees("#status", /^Connected over/);
        await person.hears("Connected again. What was said meanwhile is missing here.");
      }
      await ann.isTold("while nobody listened", "✓ delivered");
      await bob.says("welcome back");
      await ann.hears("welcome back");
      for (const person of [ann, bob]) {
        // Logged in anew, in the room, and nobody is there twice.
        await person.page.getByRole("list").filter({ hasText: "you" }).getByText("Ann").waitFor();
        await person.page.waitForFunction(() => document.querySelectorAll("#members li").length === 2);
        const said = await person.page.getByRole("log").locator("p").allTextContents();
        assert.equal(said.filter((text) => text === "before").length, 1);
      }
    });
  }
}

for (const transport of transports) {
  test(`over ${transport}, who loses the connection to a living server misses nothing`, async (t) => {
    const { url } = await startChat(t);
    const proxy = await Proxy.start(t, url);
    const browser = await startBrowser(t);
    const [ann, bob] = await Promise.all([Person.open(browser, "Ann", url), Person.open(browser, "Bob", proxy.url)]);
    await ann.enter(transport);
    await bob.enter(transport);
    await ann.hears("Bob enters");
    await bob.page.evaluate(() => {
      window.id = chat.id;
      window.pictures = [];
      chat.on("avatarChanged", (_, image) => window.pictures.push(image instanceof ArrayBuffer && [...new Uint8Array(image)]));
    });

    const texts = Array.from({ length: 60 }, (_, i) => `text ${i}`);
    for (const text of texts.slice(0, 10)) await ann.says(text);
    // The connection is lost while messages are on their way, both ways.
    await bob.says("is this lost?");
    proxy.cut();
    for (const text of texts.slice(10, 50)) await ann.says(text);
    await ann.page.evaluate(() => chat.emit("setAvatar", new Uint8Array([0, 255, 10])));
    await bob.sees("#status", /^Connection lost/);
    await bob.says("typed without a connection");
    for (const text of texts.slice(50)) await ann.says(text);
    await ann.isTold("text 59", "✓ delivered");

    proxy.connect(url);
    await bob.sees("#status", /^Connected over/);
    await bob.hears("Connected again. What was said meanwhile follows.");
    await bob.isTold("typed without a connection", "✓ delivered");
    await ann.hears("typed without a connection");
    await bob.hears("text 59");
    assert.equal(await bob.page.evaluate(() => chat.recovered && chat.id === window.id), true);
    const said = await bob.page.getByRole("log").locator("p").allTextContents();
    assert.deepEqual(said.filter((text) => text.startsWith("text ")), texts);
    assert.deepEqual(await bob.page.evaluate(() => window.pictures), [[0, 255, 10]]);

    // What was under way when the connection broke came to the server, or is offered again.
    const lost = bob.entry("is this lost?");
    await lost.and(bob.page.locator('[data-state="sent"], [data-state="unconfirmed"]')).waitFor();
    if ((await lost.getAttribute("data-state")) === "unconfirmed") await lost.getByRole("button", { name: "Send again" }).click();
    await bob.isTold("is this lost?", "✓ delivered");
    await ann.hears("is this lost?");
    for (const person of [ann, bob]) {
      await person.page.waitForFunction(() => document.querySelectorAll("#members li").length === 2);
      assert.equal(await person.entry("is this lost?").count(), 1);
    }
  });
}

test("a refusal after a restart brings the login back", async (t) => {
  const before = await startChat(t);
  const proxy = await Proxy.start(t, before.url);
  const browser = await startBrowser(t);
  const ann = await Person.open(browser, "Ann", proxy.url);
  await ann.enter("websocket");
  await before.stop("SIGKILL");
  proxy.cut(); // its port may be that of another program soon
  const after = await startChat(t, "-token", "another");
  proxy.connect(after.url);
  await ann.sees("#refusal-message", "Refused: wrong token");
  await ann.fill("websocket", "another");
  await ann.sees("#status", "Connected over websocket");
  await ann.says("here again");
  await ann.isTold("here again", "✓ delivered");
});
