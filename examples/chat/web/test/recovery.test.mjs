// What happens to people who lose the connection to a server that goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { Proxy, startChat } from "./server.mjs";

for (const transport of ["polling", "websocket", "polling websocket"]) {
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

test("without a connection the page shows what it knows, and no more", async (t) => {
  const { url } = await startChat(t);
  const proxy = await Proxy.start(t, url);
  const browser = await startBrowser(t);
  const [ann, bob] = await Promise.all([Person.open(browser, "Ann", proxy.url), Person.open(browser, "Bob", url)]);
  await ann.enter("websocket");
  await bob.enter("websocket");
  const typing = ann.page.locator("#typing", { hasText: "Bob is typing…" });
  await ann.until(typing, () => bob.page.getByLabel("Message", { exact: true }).press("x"));
  proxy.cut();
  await ann.sees("#status", /^Connection lost/);
  assert.equal(await ann.page.locator("#typing").textContent(), "");
  const room = ann.page.getByLabel("Room to enter");
  await room.fill("go");
  await room.press("Enter");
  await ann.sees("#join-error", "There is no connection at the moment.");
  assert.equal(await room.inputValue(), "go");
  await ann.page.getByRole("button", { name: "Leave room" }).click();

  proxy.connect(url);
  await ann.sees("#status", /^Connected over/);
  await bob.entry("Ann leaves").nth(1).waitFor(); // first the connection, then the room
  await bob.page.waitForFunction(() => document.querySelectorAll("#members li").length === 1);
  await ann.joins("go");
  await ann.page.locator("#join-error").waitFor({ state: "hidden" });
});
