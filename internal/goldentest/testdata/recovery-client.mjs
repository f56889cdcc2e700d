// The official client, driven by lines of JSON on its input. It prints what it sees
// in the same form, bytes as text. Arguments: URL, transport.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, transport] = process.argv.slice(2);
const socket = io(url, { transports: [transport], reconnection: false, autoConnect: false, auth: { token: "secret" } });
const plain = (v) => (Buffer.isBuffer(v) ? v.toString() : v);
const print = (...values) => console.log(JSON.stringify(values.map(plain)));

socket.on("connect", () => print("connected", socket.recovered, socket.id));
socket.on("disconnect", () => print("disconnected"));
socket.on("connect_error", (err) => print("refused", err.message));
socket.onAny((name, ...args) => {
  if (typeof args.at(-1) === "function") {
    args.pop()("answer");
  }
  print(name, ...args);
});
const commands = {
  connect: () => socket.connect(),
  cut: () => socket.io.engine.close(),
  forge: () => { socket._pid = "unknown"; },
  emit: (...args) => socket.emit(...args, (answer) => print("answered", answer)),
};
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [name, ...args] = JSON.parse(line);
    commands[name](...args);
  })
  .on("close", () => socket.disconnect()); // after which nothing keeps this program
