// The official server with state recovery, driven by lines of JSON on its input. It
// prints its port, and then what it sees in the same form. Argument: the age in
// milliseconds up to which it recovers.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const web = createServer();
const io = new Server(web, { connectionStateRecovery: { maxDisconnectionDuration: Number(process.argv[2]) } });
const print = (...values) => console.log(JSON.stringify(values));
let current;

io.on("connection", (socket) => {
  current = socket;
  if (!socket.recovered) {
    socket.join("room");
  }
  print("connected", socket.recovered, socket.id, socket.handshake.auth.token);
});
const send = ([how, name, ...args]) => {
  args = args.map((v) => (v === "BYTES" ? Buffer.from("bytes") : v));
  (how === "volatile" ? io.volatile : how === "self" ? current : io.to(how)).emit(name, ...args);
};
const commands = {
  send: (...event) => send(event),
  cut: (...events) => {
    current.once("disconnect", () => events.forEach(send));
    current.conn.close();
  },
};
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [name, ...args] = JSON.parse(line);
    commands[name](...args);
  })
  .on("close", () => process.exit(0));
web.listen(0, "127.0.0.1", () => print(web.address().port));
