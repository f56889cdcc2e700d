// The reference implementation with the application that serve_test.go has:
//
//   node reference.mjs engine|socket '{"pingInterval":300}'
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server } from "socket.io";

const [suite, settings] = process.argv.slice(2);
const http = createServer();
const options = JSON.parse(settings);

// The origin policy that is ours by default.
options.allowRequest = (request, answer) => {
  const { origin, host } = request.headers;
  answer(null, origin === undefined || origin === `http://${host}`);
};

if (suite === "engine") {
  // engine.io is a dependency of socket.io.
  const engineio = createRequire(createRequire(import.meta.url).resolve("socket.io"))("engine.io");
  engineio.attach(http, options).on("connection", (socket) => {
    socket.on("message", (data) => socket.send(data));
  });
} else {
  const io = new Server(http, options);
  for (const name of ["/", "/custom"]) {
    const namespace = io.of(name);
    namespace.use((socket, next) => {
      const { refuse } = socket.handshake.auth;
      if (!refuse) {
        return next();
      }
      next(Object.assign(new Error(refuse), { data: { code: 401 } }));
    });
    namespace.on("connection", (socket) => {
      socket.on("message", (...args) => socket.emit("message-back", ...args));
      socket.on("message-with-ack", (...args) => args.pop()(...args));
      socket.on("ask", (...args) => {
        socket.emit("question", ...args, (...answer) => socket.emit("answered", ...answer));
      });
      socket.on("auth", () => socket.emit("auth", socket.handshake.auth));
      socket.on("enter", () => socket.join("lobby"));
      socket.on("tell", (...args) => namespace.to("lobby").emit("told", ...args));
      socket.on("count", (ack) => ack(namespace.sockets.size));
      socket.on("leave", () => socket.disconnect());
      socket.on("close", () => socket.disconnect(true));
    });
  }
}

http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}`));
