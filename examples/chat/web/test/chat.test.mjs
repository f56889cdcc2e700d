// Two people in two browsers, over every way that the protocol has to carry them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, startBrowser, step } from "./browser.mjs";
import { startChat } from "./server.mjs";

const ways = [
  { transports: "polling", ends: "polling", uses: ["polling"] },
  { transports: "websocket", ends: "websocket", uses: ["websocket"] },
  { transports: "polling websocket", ends: "websocket", uses: ["polling", "websocket"] },
];

for (const { transports, ends, uses } of ways) {
  test(`two browsers chat over ${uses.join(", then ")}`, async (t) => {
    const { url } = await startChat(t);
    const [one, other] = await Promise.all([startBrowser(t), startBrowser(t)]);
    const [ann, bob] = await Promise.all([Person.open(one, "Ann", url), Person.open(other, "Bob", url)]);

    await step("a login is refused, and the page shows with what data", async () => {
      await ann.fill(transports, "wrong");
      await ann.sees("#refusal-message", "Refused: wrong token");
      assert.equal(await ann.page.getByLabel("Data of the refusal").textContent(), '{"code":401}');
    });

    await step("both enter, over the transport that was asked for", async () => {
      await ann.enter(transports);
      await bob.enter(transports);
      for (const person of [ann, bob]) await person.sees("#status", `Connected over ${ends}`);
      await ann.hears("Bob enters");
    });

    await step("they hear each other, once and in order", async () => {
      const texts = Array.from({ length: 20 }, (_, i) => `message ${i} of Ann`);
      for (const text of texts) await ann.says(text);
      await bob.page.getByLabel("Message", { exact: true }).fill("hello, Ann");
      await bob.page.getByRole("button", { name: "Send", exact: true }).click();
      await bob.isTold("hello, Ann", "✓ delivered");
      await ann.hears("hello, Ann");
      await bob.hears(texts.at(-1));
      await ann.isTold(texts.at(-1), "✓ delivered");
      for (const person of [ann, bob]) {
        const heard = await person.page.getByRole("log").locator("p").allTextContents();
        assert.deepEqual(heard.filter((text) => text.includes("of Ann")), texts);
        assert.equal(heard.filter((text) => text === "hello, Ann").length, 1);
      }
    });

    await step("who types is seen, until the message is there", async () => {
      const seen = bob.page.locator("#typing", { hasText: "Ann is typing…" });
      await bob.until(seen, () => ann.page.getByLabel("Message", { exact: true }).press("x"));
      await ann.says("that was me");
      await bob.hears("that was me");
      assert.equal(await bob.page.locator("#typing").textContent(), "");
    });

    await step("the errors that the contract declares are shown", async () => {
      await ann.says("   ");
      await ann.page.getByText("not sent: there is nothing in this message (blank)").waitFor();
      for (const [room, problem] of [["nowhere", 'there is no room "nowhere" (unknown_room)'], ["tiny", '"tiny" is full (full)']]) {
        if (room === "tiny") await bob.joins("tiny");
        await ann.page.getByLabel("Room to enter").fill(room);
        await ann.page.getByRole("button", { name: "Join" }).click();
        await ann.sees("#join-error", problem);
      }
    });

    await step("what is said in a room that is not looked at is counted there", async () => {
      await ann.says("is anybody here?");
      await bob.page.getByRole("button", { name: "#lobby" }).filter({ hasText: "1" }).click();
      await bob.hears("is anybody here?");
      await bob.page.getByRole("button", { name: "#tiny" }).click();
      await bob.page.getByRole("button", { name: "Leave room" }).click();
      await bob.page.getByRole("heading", { name: "#lobby" }).waitFor();
    });

    await step("nothing but the transport that was asked for was used", async () => {
      for (const person of [ann, bob]) {
        assert.deepEqual([...new Set(person.requests)].sort(), uses);
        const carried = person.frames.some((frame) => frame.includes("is anybody here?"));
        assert.equal(carried, ends === "websocket");
        assert.deepEqual(person.complaints, []);
      }
    });

    await step("who logs out is seen to leave", async () => {
      await bob.page.getByRole("button", { name: "Log out" }).click();
      await ann.hears("Bob leaves");
      await bob.page.getByRole("button", { name: "Enter" }).waitFor();
    });
  });
}
