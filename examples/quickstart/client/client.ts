import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, HandshakeAuth, ServerToClientEvents } from "./events.js";

const auth: HandshakeAuth = { token: "secret" };
const url = process.argv[2] ?? "http://127.0.0.1:3000";
const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, { auth });

socket.on("message", (from, text) => console.log(`${from}: ${text}`));

socket.emit("join", "lobby", (err, members) => {
  if (err) console.log(err.code, err.message); // "unknown_room" | "full"
  else console.log(members?.length);
  socket.disconnect();
});
