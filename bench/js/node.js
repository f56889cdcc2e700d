// socket.io on Node, with ws: node js/node.js [PORT] [--deflate]
import { createServer } from "node:http";
import { Server } from "socket.io";
import { deflate, port, serve, untilParentEnds } from "./app.js";

const http = createServer();
serve(new Server(http, { perMessageDeflate: deflate }));
http.listen(port, "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${http.address().port}`);
});
untilParentEnds();
