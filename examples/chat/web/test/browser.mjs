// Debian's Chromium, driven by playwright-core, and the people who use the page.
import assert from "node:assert/strict";
import { after } from "node:test";
import { chromium } from "playwright-core";

const timeout = 30_000; // of every wait; far above what any needs

const idle = []; // browsers that a test has done with

after(() => Promise.all(idle.map((browser) => browser.close())));

/** Gives a test a browser that nobody else uses; the profiles in it end with the test. */
export async function startBrowser(t) {
  const browser = idle.pop() ?? (await launch());
  t.after(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    idle.push(browser);
  });
  return browser;
}

function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    timeout,
    chromiumSandbox: process.getuid?.() !== 0, // Chromium refuses to sandbox root
    args: ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A part of a test; the parts after one that fails are not tried. */
export async function step(name, act) {
  try {
    await act();
  } catch (err) {
    throw new Error(`${name}: ${err.message}`, { cause: err });
  }
}

/** Somebody at a page of their own. */
export class Person {
  /** What the browser complained of: errors of scripts, of the network, of the page's policy. */
  complaints = [];
  /** The transport of every request and WebSocket that the page opened. */
  requests = [];
  /** What the page's WebSockets carried. */
  frames = [];
  /** The status of every answer of the Socket.IO server. */
  statuses = [];

  constructor(name, page) {
    this.name = name;
    this.page = page;
    page.setDefaultTimeout(timeout);
    page.on("pageerror", (err) => this.complaints.push(String(err)));
    page.on("console", (line) => line.type() === "error" && this.complaints.push(line.text()));
    page.on("dialog", (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on("request", (request) => request.url().includes("/socket.io/") && this.requests.push("polling"));
    page.on("response", (answer) => answer.url().includes("/socket.io/") && this.statuses.push(answer.status()));
    page.on("websocket", (ws) => {
      this.requests.push("websocket");
      ws.on("framesent", ({ payload }) => this.frames.push(String(payload)));
      ws.on("framereceived", ({ payload }) => this.frames.push(String(payload)));
    });
  }

  /** Opens the page in a browser, in a profile of its own. */
  static async open(browser, name, url, options = {}) {
    const context = await browser.newContext(options);
    const person = new Person(name, await context.newPage());
    await person.page.goto(url);
    return person;
  }

  /** Fills in the form; transports are as the select has them. */
  async fill(transports = "polling websocket", token = "secret") {
    await this.page.getByLabel("Name").fill(this.name);
    await this.page.getByLabel("Token").fill(token);
    await this.page.getByLabel("Transport").selectOption(transports);
    await this.page.getByRole("button", { name: "Enter" }).click();
  }

  /** Logs in and waits for the lobby. */
  async enter(transports) {
    await this.fill(transports);
    await this.sees("#status", /^Connected over/);
    await this.page.getByRole("heading", { name: "#lobby" }).waitFor();
  }

  /** Waits for an element to have a text. */
  async sees(selector, text) {
    const match = typeof text === "string" ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : text;
    await this.page.locator(selector).filter({ hasText: match, visible: true }).first().waitFor();
  }

  async says(text) {
    const field = this.page.getByLabel("Message", { exact: true });
    await field.fill(text);
    await field.press("Enter");
  }

  /** Enters a room and looks at it. */
  async joins(room) {
    await this.page.getByLabel("Room to enter").fill(room);
    await this.page.getByRole("button", { name: "Join" }).click();
    await this.page.getByRole("heading", { name: `#${room}` }).waitFor();
  }

  /** The entry of the shown room with a text. */
  entry(text) {
    return this.page.getByRole("log").getByRole("listitem").filter({ hasText: text });
  }

  async hears(text) {
    await this.entry(text).waitFor();
  }

  /** Waits until what this person said has come to a state. */
  async isTold(text, answer) {
    await this.entry(text).filter({ hasText: answer }).waitFor();
  }

  /** Waits for the browser to complain of something: it may tell later than the page. */
  async complains(pattern) {
    if (this.complaints.some((text) => pattern.test(text))) return;
    await this.page.waitForEvent("console", (line) => line.type() === "error" && pattern.test(line.text()));
  }

  /** Does something until another thing is seen; for what may be lost on the way. */
  async until(seen, act) {
    for (let tries = 0; tries < 30; tries++) {
      await act();
      try {
        return await seen.waitFor({ timeout: 2_500 });
      } catch (err) {
        if (err.name !== "TimeoutError") throw err;
      }
    }
    assert.fail(`${this.name} never saw it`);
  }
}
