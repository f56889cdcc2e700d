// A client of the example chat for Node, over the official socket.io-client and
// the generated types:
//
//   node examples/chat/node/dist/client.js --url http://127.0.0.1:3000 --name Bob
//
// It enters a room, says what --say gives, sends a picture, and prints what it
// gets, until --count messages have come.
import { parseArgs } from "node:util";
import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, HandshakeAuth, ServerToClientEvents } from "./events.js";

const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:3000" },
    token: { type: "string", default: "secret" },
    name: { type: "string", default: "Bob" },
    room: { type: "string", default: "lobby" },
    say: { type: "string", multiple: true, default: [] },
    count: { type: "string", default: "0" },
    transport: { type: "string", multiple: true, default: ["polling", "websocket"] },
  },
});

const auth: HandshakeAuth = { token: options.token, name: options.name };
const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(options.url, {
  auth,
  transports: options.transport as ("polling" | "websocket")[],
});

let remaining = Number(options.count);

socket.on("connect", () => {
  socket.emit("join", options.room, (err, members) => {
    if (err) {
      console.log(`can't join ${options.room}: ${err.message} (${err.code})`);
      socket.disconnect();
      return;
    }
    console.log(`in ${options.room}: ${members?.map((user) => user.name).join(", ")}`);
    socket.emit("setAvatar", Buffer.from([0x89, 0x50, 0x4e, 0x47]));
    say();
  });
});

function say(): void {
  for (const text of options.say) {
    socket.emit("chat message", options.room, text, (err, id) => {
      console.log(err ? `not sent: ${err.message} (${err.code})` : `message ${id} is sent`);
    });
  }
}

socket.on("connect_error", (err) => {
  const data = (err as Error & { data?: unknown }).data;
  console.log(`refused: ${err.message} ${JSON.stringify(data)}`);
  socket.disconnect();
});

socket.on("message", (msg, room) => {
  switch (msg.kind) {
    case "text":
      console.log(`[${room}] ${msg.from.name}: ${msg.text}`);
      break;
    case "image":
      console.log(`[${room}] ${msg.from.name} sends a picture, ${msg.size.width} × ${msg.size.height}`);
      break;
    case "system":
      console.log(`[${room}] (${msg.level}) ${msg.text}`);
      break;
  }
  if (--remaining === 0) socket.disconnect();
});

socket.on("userJoined", (user, room) => console.log(`[${room}] ${user.name} enters`));
socket.on("userLeft", (user, room) => console.log(`[${room}] ${user.name} leaves`));
socket.on("avatarChanged", (userId, image) => {
  console.log(`user ${userId} has a new picture: ${image?.toString("hex")}`);
});
socket.on("basicEmit", (a, b, c) => console.log(`basicEmit ${a} ${JSON.stringify(b)} ${c.toString("hex")}`));
socket.on("withAck", (d, callback) => {
  console.log(`the server asks: ${d}`);
  callback(42);
});
