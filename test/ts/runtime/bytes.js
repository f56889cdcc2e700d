// Proves what generated types say about bytes: what the official client takes
// from a program, and what it hands to a listener. With "node" the client is
// the package's build for Node, over both transports; with "browser" it is the
// bundle for browsers, on the WebSocket of a standards-compliant package.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { WebSocket } from "ws";

const platform = process.argv[2];
const content = Buffer.from([0, 1, 254, 255]);

// The members of the types that may be sent; views start inside their buffer.
const padded = new Uint8Array([9, 9, 0, 1, 254, 255, 9, 9]).buffer;
const sendable = [
  padded.slice(2, 6),
  new Uint8Array(padded, 2, 4),
  new Uint16Array(padded, 2, 2),
  new DataView(padded, 2, 4),
];
if (platform === "node") sendable.push(Buffer.from(content));
if (platform === "browser") sendable.push(new Blob([content]));

const clients = {
  async node(transport) {
    const { io } = await import("socket.io-client");
    return (url) => io(url, { transports: [transport], forceNew: true });
  },
  async browser() {
    globalThis.WebSocket = WebSocket;
    // The package does not export its bundle to Node, hence the path.
    const { default: io } = await import("../../../node_modules/socket.io-client/dist/socket.io.js");
    return (url) => io(url, { transports: ["websocket"], forceNew: true });
  },
};
const transports = { node: ["websocket", "polling"], browser: ["websocket"] };

function isReceivedType(data) {
  return platform === "node" ? Buffer.isBuffer(data) : data instanceof ArrayBuffer;
}

async function roundTrips(connect, url) {
  const socket = connect(url);
  try {
    for (const data of sendable) {
      const [bare, nested] = await socket.timeout(10_000).emitWithAck("echo", data, { list: [data] });
      for (const received of [bare, nested.list[0]]) {
        assert.ok(isReceivedType(received), `received ${Object.prototype.toString.call(received)}`);
        assert.deepEqual(Buffer.from(received), content, `sent as ${data.constructor.name}`);
      }
    }
  } finally {
    socket.disconnect();
  }
}

const http = createServer();
const server = new Server(http);
server.on("connection", (socket) => {
  socket.on("echo", (bare, nested, callback) => callback([bare, nested]));
});
await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
let tested = 0;
try {
  for (const transport of transports[platform]) {
    await roundTrips(await clients[platform](transport), `http://127.0.0.1:${http.address().port}`);
    tested += sendable.length;
  }
} finally {
  await server.close();
}
console.log(`${tested} round trips`);
