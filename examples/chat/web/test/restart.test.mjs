// What happens to people whose server goes away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { Proxy, startChat } from "./server.mjs";

for (const transport of ["polling", "websocket", "polling websocket"]) {
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
