// socket.io on Bun: bun js/bun.js [PORT] [--deflate]
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { deflate, port, serve, untilParentEnds } from "./app.js";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
serve(io);
const handler = engine.handler();
const http = Bun.serve({
  ...handler,
  // The engine has no option for it. What it sends, it does not mark for
  // compression: only what clients send is compressed.
  websocket: { ...handler.websocket, perMessageDeflate: deflate },
  port,
  hostname: "127.0.0.1",
});
console.log(`listening on 127.0.0.1:${http.port}`);
untilParentEnds();
