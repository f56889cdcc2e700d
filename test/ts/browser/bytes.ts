// Bytes where the official client runs in a browser.
import type { Socket } from "socket.io-client";
import type {
  ClientToServerEvents,
  ServerToClientEvents,
} from "../../../testdata/golden/ts_bytes/events.browser.js";

declare const array: Uint8Array;
declare const arrayBuffer: ArrayBuffer;
declare const file: File;

export function client(socket: Socket<ServerToClientEvents, ClientToServerEvents>): void {
  socket.on("picture", (data, picture) => {
    const received: ArrayBuffer[] = [data, picture.data];
    return new Uint8Array(received[0] ?? data)[0];
  });
  socket.on("screenshot", (of, callback) => {
    new Uint8Array(of.data);
    callback(arrayBuffer, [array, file, new Blob([])]);
    // @ts-expect-error text is not bytes
    callback("data", []);
  });
  socket.emit("upload", file, { data: array, parts: [arrayBuffer, file] }, { data: arrayBuffer });
  // @ts-expect-error a type that is received as well is what listeners get
  socket.emit("upload", file, { data: array, parts: [] }, { data: file });
  socket.emit("raw", file, { data: file });
  // @ts-expect-error the user's type of that name is not the global one
  socket.emit("raw", array, array);
  socket.emit("fetch", 1, (data, parts) => data.byteLength + (parts["a"]?.byteLength ?? 0));
}
