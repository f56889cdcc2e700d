// socket.io on Bun: bun js/bun.js [PORT]
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { serve, untilParentEnds } from "./app.js";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
serve(io);
const http = Bun.serve({
  ...engine.handler(),
  port: Number(process.argv[2] ?? 0),
  hostname: "127.0.0.1",
});
console.log(`listening on 127.0.0.1:${http.port}`);
untilParentEnds();
