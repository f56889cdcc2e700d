// The official client against a server that compresses. Arguments: the server's
// address and whether the client offers compression.
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const [url, offer] = process.argv.slice(2);
const socket = io(url, {
  path: "/engine.io/",
  transports: ["websocket"],
  reconnection: false,
  perMessageDeflate: offer === "offer" ? { threshold: 1024 } : false,
});

const echo = (...args) =>
  new Promise((resolve, reject) => {
    socket.once("disconnect", reject);
    socket.once("echo", (...answer) => {
      socket.off("disconnect", reject);
      resolve(answer);
    });
    socket.emit("echo", ...args);
  });

try {
  await new Promise((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", reject);
  });
  const ws = socket.io.engine.transport.ws;
  const negotiated = ws.extensions === "permessage-deflate";
  assert.equal(negotiated, offer === "offer");

  const long = "long and repetitive, ".repeat(10_000);
  const binary = Buffer.alloc(100_000, "binary, ");
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await echo("short"), ["short"]);
    assert.deepEqual(await echo(long), [long]);
    assert.deepEqual(await echo({ a: binary, b: long }, i), [{ a: binary, b: long }, i]);
  }
  const { bytesRead, bytesWritten } = ws._socket;
  const size = 3 * (long.length * 2 + binary.length);
  for (const n of [bytesRead, bytesWritten]) {
    assert.ok(negotiated ? n < size / 10 : n > size, `${n} bytes for ${size}`);
  }
} finally {
  socket.disconnect();
}
