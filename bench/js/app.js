// What the servers of the benchmark do, for any engine of socket.io.
export function serve(io) {
  io.on("connection", (socket) => {
    socket.join("all");
    socket.on("echo", (msg) => socket.emit("echo", msg));
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
