// The page itself: hostile texts, keyboards, small screens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { startChat } from "./server.mjs";

test("what people send is shown as text, whatever it looks like", async (t) => {
  const { url } = await startChat(t);
  const browser = await startBrowser(t);
  const mallory = await Person.open(browser, "<img src=x onerror=alert(1)>", url);
  const ann = await Person.open(browser, "Ann", url);
  await ann.enter("websocket");
  await mallory.enter("websocket");
  await ann.hears("<img src=x onerror=alert(1)> enters");
  for (const text of ["<script>alert(2)</script>", '"><svg onload=alert(3)>', "javascript:alert(4)", "&lt;b&gt;", "{{7*7}}"]) {
    await mallory.says(text);
    await ann.hears(text);
  }
  assert.equal(await ann.page.locator("#session img, #session svg, #session script").count(), 0);
  // Nor does the page's policy let a script run that got in otherwise.
  await ann.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  });
  assert.equal(await ann.page.evaluate(() => window.ran), undefined);
  await ann.complains(/Content Security Policy/);
  assert.equal(ann.complaints.length, 1);
  assert.deepEqual(mallory.complaints, []);
});

test("everything is done with the keyboard, and has a name", async (t) => {
  const { url } = await startChat(t);
  const ann = await Person.open(await startBrowser(t), "Ann", url);
  const { keyboard } = ann.page;
  const focused = () =>
    ann.page.evaluate(() => document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent.trim());
  // The browser does not hurry with autofocus.
  await ann.page.waitForFunction(() => document.activeElement.id === "name");
  await keyboard.type("Ann");
  await keyboard.press("Tab");
  assert.equal(await focused(), "Token");
  await keyboard.type("secret");
  await keyboard.press("Enter");
  await ann.page.getByRole("heading", { name: "#lobby" }).waitFor();
  assert.equal(await focused(), "Message");
  await keyboard.type("typed");
  await keyboard.press("Enter");
  await ann.isTold("typed", "✓ delivered");
  const stops = [];
  for (let i = 0; i < 8; i++) {
    await keyboard.press("Tab");
    stops.push(await focused());
  }
  for (const name of ["Send", "Log out", "Picture…", "#lobby", "Room to enter", "Join", "Leave room"]) {
    assert.ok(stops.includes(name), `${name} is not among ${stops}`);
  }
  const nameless = await ann.page.evaluate(() =>
    [...document.querySelectorAll("input, select, button")]
      .filter((e) => !e.labels?.length && !e.textContent.trim())
      .map((e) => e.id),
  );
  assert.deepEqual(nameless, []);
});

test("a telephone's width is enough", async (t) => {
  const { url } = await startChat(t);
  const browser = await startBrowser(t);
  const ann = await Person.open(browser, "Ann", url, { viewport: { width: 320, height: 568 } });
  const fits = () => document.documentElement.scrollWidth <= innerWidth;
  assert.ok(await ann.page.evaluate(fits), "the login is wider than the screen");
  await ann.enter("websocket");
  await ann.joins("go");
  for (let i = 0; i < 30; i++) await ann.says(`${i} ${"a long word".repeat(8).replaceAll(" ", "")}`);
  await ann.isTold("29 along", "✓ delivered");
  assert.ok(await ann.page.evaluate(fits), "the chat is wider than the screen");
  const box = await ann.page.getByRole("button", { name: "Send", exact: true }).boundingBox();
  assert.ok(box.y + box.height <= 568 && box.x + box.width <= 320, JSON.stringify(box));
  const inView = () => {
    const log = document.querySelector(".log:not([hidden])");
    return log.lastElementChild.getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom + 1;
  };
  await ann.page.waitForFunction(inView);
});
