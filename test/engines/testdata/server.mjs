// npm's server for clients of testdata/golden/everything. It prints its port, and
// ends with its standard input.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
const user = {
  id: Number.MAX_SAFE_INTEGER, name: "Ada", avatar: Buffer.from([0, 1, 255]), email: null, mood: null,
  joinedAt: "2026-05-04T03:02:01.123456789Z", role: "admin", tags: ["a"],
};
io.use((socket, next) => {
  if (socket.handshake.auth.token === "t") return next();
  next(Object.assign(new Error("not you"), { data: { code: 401 } }));
});
io.on("connection", (socket) => {
  socket.on("join", (room, callback) => {
    if (room === "full") return callback({ code: "full", message: "no place left" });
    callback(null, [user]);
  });
  socket.on("setAvatar", (image) => {
    io.emit("message", { kind: "image", id: "i", from: user, image, size: { width: 1, height: 2 } }, "lobby");
  });
  socket.on("chat message", async (room, text, callback) => {
    callback(String(await socket.timeout(10000).emitWithAck("withAck", text)));
  });
  socket.on("leave", () => socket.disconnect());
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
