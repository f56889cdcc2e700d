// Bytes where the official client runs in Node.
import type { Socket } from "socket.io-client";
import type {
  ClientToServerEvents,
  ServerToClientEvents,
  SocketData,
} from "../../../testdata/golden/ts_bytes/events.js";

declare const buffer: Buffer;
declare const array: Uint8Array;
declare const arrayBuffer: ArrayBuffer;

export function client(socket: Socket<ServerToClientEvents, ClientToServerEvents>): void {
  socket.on("picture", (data, picture) => {
    const received: Buffer[] = [data, picture.data];
    return received.map((b) => b.readUInt8(0));
  });
  socket.on("screenshot", (of, callback) => {
    of.data.readUInt8(0);
    callback(buffer, [array, arrayBuffer]);
    callback(new DataView(arrayBuffer), []);
    // @ts-expect-error text is not bytes
    callback("data", []);
    // @ts-expect-error the client in Node cannot send a Blob
    callback(new Blob([]), []);
  });
  socket.emit("upload", array, { data: arrayBuffer, parts: [buffer, array] }, { data: buffer });
  socket.emit("upload", buffer, { data: buffer, thumbnail: array, parts: [] }, { data: buffer }, array);
  // @ts-expect-error a type that is received as well is what listeners get
  socket.emit("upload", buffer, { data: buffer, parts: [] }, { data: array });
  // @ts-expect-error an array of numbers is not bytes
  socket.emit("upload", [1, 2], { data: buffer, parts: [] }, { data: buffer });
  socket.emit("raw", array, { data: array });
  // @ts-expect-error the user's type of that name is not the global one
  socket.emit("raw", array, array);
  socket.emit("fetch", 1, (data, parts) => data.readUInt8(0) + (parts["a"]?.readUInt8(0) ?? 0));
  socket.emit("maybe", null);
  socket.emit("maybe", array, arrayBuffer);
}

export const data: SocketData = { avatar: buffer };
