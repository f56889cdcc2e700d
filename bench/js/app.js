// What the servers of the benchmark do, for any engine of socket.io.
export function serve(io) {
  io.on("connection", (socket) => {
    socket.join("all");
    socket.on("echo", (msg) => socket.emit("echo", msg));
    socket.on("blob", (data) => socket.emit("blob", data));
    socket.on("req", (msg, ack) => ack(msg));
    socket.on("bcast", (msg) => io.to("all").emit("msg", msg));
  });
}

// untilParentEnds exits with the program that holds the other end of stdin.
export function untilParentEnds() {
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
  process.stdin.resume();
}

// deflate is whether --deflate is given: compress WebSocket messages.
export const deflate = process.argv.includes("--deflate");

// port is the first argument that is none; 0 picks a free one.
export const port = Number(process.argv.slice(2).find((arg) => !arg.startsWith("-")) ?? 0);
