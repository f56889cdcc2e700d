// What the generated TypeScript calls an ArrayBuffer is one when it arrives, and
// what it lets a browser send arrives as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser } from "./browser.mjs";
import { startChat } from "./server.mjs";

for (const transports of ["polling", "websocket", "polling websocket"]) {
  test(`bytes over ${transports}`, async (t) => {
    const { url } = await startChat(t);
    const browser = await startBrowser(t);
    const [ann, bob] = await Promise.all(["Ann", "Bob"].map((name) => Person.open(browser, name, url)));
    await ann.enter(transports);
    await bob.enter(transports);
    await ann.hears("Bob enters");

    // As an argument between others, from the server.
    const basic = await ann.page.evaluate(
      () =>
        new Promise((resolve) => {
          chat.once("basicEmit", (a, b, c) => resolve([a, b, c instanceof ArrayBuffer, [...new Uint8Array(c)]]));
          chat.emit("hello");
        }),
    );
    assert.deepEqual(basic, [1, "welcome, Ann", true, [1, 2, 3]]);

    // Every type that the contract's TypeScript lets the page send.
    const size = 65_536; // the contract's maxLength
    for (const type of ["ArrayBuffer", "Uint8Array", "DataView", "Blob", "File", "nothing"]) {
      await bob.page.evaluate(() => {
        window.changed = new Promise((resolve) => chat.once("avatarChanged", (_, image) => resolve(image)));
      });
      await ann.page.evaluate(
        ([type, size]) => {
          const bytes = Uint8Array.from({ length: type === "nothing" ? 0 : size }, (_, i) => (i * 7 + (i >> 8)) & 255);
          const forms = {
            ArrayBuffer: () => bytes.buffer,
            Uint8Array: () => bytes,
            DataView: () => new DataView(bytes.buffer),
            Blob: () => new Blob([bytes]),
            File: () => new File([bytes], "avatar.png"),
            nothing: () => bytes,
          };
          chat.emit("setAvatar", forms[type]());
        },
        [type, size],
      );
      const got = await bob.page.evaluate(async () => {
        const image = await window.changed;
        const bytes = new Uint8Array(image);
        return [image instanceof ArrayBuffer, bytes.length, bytes.every((b, i) => b === ((i * 7 + (i >> 8)) & 255))];
      });
      assert.deepEqual(got, [true, type === "nothing" ? 0 : size, true], type);
    }

    // A picture, from one page into the other, and in the answer to a join.
    await ann.page.getByLabel("Picture…").setInputFiles({ name: "ann.png", mimeType: "image/png", buffer: await picture(browser) });
    const shown = () => [...document.querySelectorAll("#members img")].some((img) => img.complete && img.naturalWidth === 96);
    await ann.page.waitForFunction(shown);
    await bob.page.waitForFunction(shown);
    const inAck = await bob.page.evaluate(
      () =>
        new Promise((resolve) => {
          chat.emit("join", "lobby", (_, members) => {
            const { avatar } = members.find((user) => user.name === "Ann");
            resolve([avatar instanceof ArrayBuffer, String.fromCharCode(...new Uint8Array(avatar).subarray(1, 4))]);
          });
        }),
    );
    assert.deepEqual(inAck, [true, "PNG"]);

    await ann.page.getByLabel("Picture…").setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
    await ann.hears("This file is not a picture that the browser can read.");
    for (const person of [ann, bob]) assert.deepEqual(person.complaints, []);
  });
}

/** A PNG, larger than the page sends it. */
async function picture(browser) {
  const page = await browser.newPage({ viewport: { width: 320, height: 200 } });
  await page.setContent('<body style="margin:0;height:100vh;background:linear-gradient(135deg,#f59e0b,#db2777)">');
  const png = await page.screenshot();
  await page.close();
  return png;
}
