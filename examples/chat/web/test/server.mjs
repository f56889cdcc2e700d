// What stands between a browser and its chat: the server's process, and a proxy
// whose port stays when the server behind it is killed, started again or cut off.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

/** Starts the chat, and ends it with the test. */
export async function startChat(t, ...args) {
  const binary = process.env.CHAT;
  if (!binary) throw new Error("CHAT must name the chat's binary: run make test-browser");
  const child = spawn(binary, ["-addr", "127.0.0.1:0", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const log = [];
  child.stderr.on("data", (text) => log.push(String(text)));
  const stop = async (signal) => {
    child.kill(signal);
    await ended;
  };
  t.after(() => stop("SIGKILL"));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match) resolve(match[1]);
    });
    child.once("exit", () => reject(new Error(`the chat ended:\n${log.join("")}`)));
  });
  return { url, stop, log };
}

/** Passes connections on to whatever server it is pointed at. */
export class Proxy {
  #server = createServer((client) => this.#pass(client));
  #sockets = new Set();
  #target;

  static async start(t, url) {
    const proxy = new Proxy();
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.connect(url);
    t.after(() => {
      proxy.cut();
      proxy.#server.close();
    });
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  connect(url) {
    this.#target = new URL(url);
  }

  /** Ends what is connected, and lets nothing new through. */
  cut() {
    this.#target = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client) {
    if (!this.#target) return void client.destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [one, other] of [[client, server], [server, client]]) {
      this.#sockets.add(one);
      one.on("error", () => {}); // "close" follows
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
