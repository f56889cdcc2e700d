// The chat's contract on npm's official server, for the Go client to talk to:
// node server.mjs. Prints the port, and ends with its standard input.
import { createServer } from "node:http";
import { Server } from "socket.io";

// PARSER=msgpack: packets are MessagePack.
const parser = process.env.PARSER === "msgpack" ? (await import("socket.io-msgpack-parser")).default : undefined;

const http = createServer();
const io = new Server(http, { parser });

io.use((socket, next) => {
  if (socket.handshake.auth.token === "secret") return next();
  const err = new Error("wrong token");
  err.data = { code: 401 };
  next(err);
});

io.on("connection", (socket) => {
  const user = {
    id: 7,
    name: socket.handshake.auth.name ?? "guest",
    email: null,
    mood: null,
    joinedAt: new Date(0).toISOString(),
    role: "member",
    avatar: Buffer.from([9, 8, 7]),
  };
  socket.on("hello", async () => {
    socket.emit("noArg");
    socket.emit("basicEmit", 1.0, "welcome", Buffer.from([1, 2, 3]));
    const answer = await socket.emitWithAck("withAck", "how many?");
    socket.emit("message", { text: `you said ${answer}`, level: "warning", kind: "system", details: { a: [1, null] } }, "lobby");
  });
  socket.on("join", (room, callback) => {
    switch (room) {
      case "lobby":
        socket.join(room);
        return callback(null, [user]);
      case "broken":
        return callback(null, [{ ...user, role: "king" }]);
      case "silent":
        return;
      default:
        return callback({ code: "full", message: `${room} is full` });
    }
  });
  socket.on("chat message", (room, text, callback) => {
    if (!socket.rooms.has(room)) return callback({ code: "not_in_room", message: `not in ${room}` });
    io.to(room).emit("message", { kind: "text", id: "1", from: user, text, sentAt: user.joinedAt }, room);
    callback(null, "1");
  });
  socket.on("setAvatar", (image) => io.emit("avatarChanged", user.id, image));
  socket.on("leave", () => {
    socket.emit("message", { kind: "poem" }, "lobby"); // not in the contract
    socket.emit("userLeft", user, "lobby");
  });
  socket.on("typing", () => socket.disconnect());
});

io.of("/admin").on("connection", (socket) => {
  socket.on("stats", (callback) => callback(3, { lobby: 3 }, "18446744073709551615"));
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
