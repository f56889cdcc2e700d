// The official server of this layer, echoing. Argument: its options as JSON. It
// prints its port, and ends with its input.
import { createServer } from "node:http";
import { Server } from "engine.io";

const web = createServer();
const server = new Server(JSON.parse(process.argv[2] ?? "{}"));
server.attach(web);
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    if (data === "close me") {
      socket.close();
    } else {
      socket.send(data);
    }
  });
});
web.listen(0, "127.0.0.1", () => console.log(web.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
