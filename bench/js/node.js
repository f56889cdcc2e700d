// socket.io on Node, with ws: node js/node.js [PORT]
import { createServer } from "node:http";
import { Server } from "socket.io";
import { serve, untilParentEnds } from "./app.js";

const http = createServer();
serve(new Server(http));
http.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${http.address().port}`);
});
untilParentEnds();
