// The official server for the tests of the Go client. Argument: options as JSON. It
// prints "listening" and its port, and what happens, one line each; it ends with
// its input.
import { createServer } from "node:http";
import { Server } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";

const o = JSON.parse(process.argv[2]);
const web = createServer();
const io = new Server(web, {
  pingInterval: o.pingInterval || 25000,
  pingTimeout: o.pingTimeout || 20000,
  ...(o.recovery ? { connectionStateRecovery: o.maxDisconnection ? { maxDisconnectionDuration: o.maxDisconnection } : {} } : {}),
  ...(o.msgpack ? { parser: msgpack } : {}),
});
if (o.token) {
  io.use((socket, next) => {
    if (socket.handshake.auth.token === o.token) {
      next();
    } else {
      next(Object.assign(new Error("no"), { data: { code: 401 } }));
    }
  });
}
const feeds = new Map(); // rooms: how many events they got, and their timers
io.on("connection", (socket) => {
  let name;
  socket.on("disconnect", () => {
    if (name) console.log("told " + name + "gone");
  });
  socket.on("name", (text, ack) => {
    name = text;
    ack("");
  });
  socket.on("feed", (room, ack) => {
    socket.join(room);
    if (!feeds.has(room)) {
      const feed = { sent: 0 };
      feed.timer = setInterval(() => {
        const n = String(feed.sent++);
        if (n % 3 === 0) io.to(room).emit("said bytes", Buffer.from(n));
        else io.to(room).emit("said", n);
      }, 2);
      feeds.set(room, feed);
    }
    ack("");
  });
  socket.on("stop", (room, ack) => {
    const feed = feeds.get(room);
    clearInterval(feed.timer);
    ack(String(feed.sent));
  });
  const tell = (text, ack) => {
    console.log("told " + text);
    if (ack) ack();
  };
  socket.on("tell", tell);
  socket.on("tell bytes", (data, ack) => tell(data.toString(), ack));
  socket.on("say", (text, ack) => {
    socket.emit("said", text);
    if (ack) ack();
  });
  socket.on("ask", (text, ack) => ack("re: " + text));
  socket.on("ask me", async (ack) => {
    ack(await socket.emitWithAck("question", "why"));
  });
  socket.on("go away", () => socket.disconnect());
});
web.listen(o.port || 0, "127.0.0.1", () => console.log("listening " + web.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
