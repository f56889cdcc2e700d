// npm's client in several namespaces at once, one of which the server does not know.
import { Manager } from "socket.io-client";

const manager = new Manager(process.argv[2]);
const auth = { method: "token", token: "secret" };
const [main, one, two, none] = ["/", "/tenant-1", "/tenant-22", "/nobody"].map((name) => manager.socket(name, { auth }));
const said = [
  new Promise((done) => main.once("status", (text) => done("/ " + text))),
  ...[one, two].map((s) => new Promise((done) => s.emit("ask", 5, (a, b) => done(`${s.nsp} ${a} ${b}`)))),
  new Promise((done) => none.once("connect_error", (e) => done(e.message))),
];
const timer = setTimeout(() => { console.error("nothing came"); process.exit(1); }, 20000);
console.log((await Promise.all(said)).join("\n"));
clearTimeout(timer);
for (const s of [main, one, two, none]) s.disconnect();
