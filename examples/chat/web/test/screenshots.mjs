// Takes the pictures of the page that docs/ shows: make screenshots
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { startChat } from "./server.mjs";

const path = (name) => new URL(`../../../../docs/images/${name}.png`, import.meta.url).pathname;

test("screenshots", async (t) => {
  const { url } = await startChat(t);
  const browser = await startBrowser(t);
  const ann = await Person.open(browser, "Ann", url, { viewport: { width: 900, height: 560 } });
  const bob = await Person.open(browser, "Bob", url, { viewport: { width: 360, height: 640 }, colorScheme: "dark" });
  await ann.fill("websocket", "wrong");
  await ann.sees("#refusal-message", "Refused: wrong token");
  await ann.page.locator("#login-form").screenshot({ path: path("chat-refused") });
  await ann.enter("polling websocket");
  await ann.sees("#status", "Connected over websocket");
  await bob.enter("websocket");
  await bob.page.getByLabel("Picture…").setInputFiles({ name: "bob.png", mimeType: "image/png", buffer: await picture(browser) });
  await ann.page.waitForFunction(() => document.querySelector("#members img")?.naturalWidth === 96);
  await ann.says("Hello, Bob! Do you see what I see?");
  await bob.hears("Do you see");
  await bob.says("The same types, on both ends.");
  await ann.hears("on both ends");
  await ann.says("   ");
  await ann.page.getByText("(blank)").waitFor();
  const typing = ann.page.locator("#typing", { hasText: "Bob is typing…" });
  await ann.until(typing, () => bob.page.getByLabel("Message", { exact: true }).press("x"));
  await ann.page.screenshot({ path: path("chat") });
  await bob.page.screenshot({ path: path("chat-phone") });
});

async function picture(browser) {
  const page = await browser.newPage({ viewport: { width: 200, height: 200 } });
  await page.setContent('<body style="margin:0;height:100vh;background:linear-gradient(135deg,#f59e0b,#db2777)">');
  const png = await page.screenshot();
  await page.close();
  return png;
}
