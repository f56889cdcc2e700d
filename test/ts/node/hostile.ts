// Names that are no identifiers, and names of TypeScript's own library.
import type { Server } from "socket.io";
import type { Socket } from "socket.io-client";
import {
  type ArrayBuffer as UsersArrayBuffer,
  type Buffer as UsersBuffer,
  type ClientToServerEvents,
  type Names,
  type ServerToClientEvents,
  type Tagged,
  type Words,
  WordsValues,
} from "../../../testdata/golden/ts_hostile/events.js";

export function client(socket: Socket<ServerToClientEvents, ClientToServerEvents>): void {
  socket.on("same", (names, words, tagged, buffer) => {
    const property: string = names["new\nline"] + names["line\u2028separator"] + names["quote\"d"] + names["🙂"];
    const global: Buffer = buffer.real;
    return [property, words, tagged, global];
  });
  socket.on("__proto__", () => {});
  socket.on("constructor", () => {});
  socket.on("42", () => {});
  socket.on("", () => {});
  socket.on("new\nline", (args, err, callback) => args.trim() + err.trim() + callback.trim());
  socket.on("日本", (größe) => größe.trim());
  socket.on("errors", (callback, args, ...rest) => [callback.trim(), args.trim(), rest.length]);
  // @ts-expect-error no such event
  socket.on("43", () => {});
  const view: UsersArrayBuffer = { real: new Uint8Array(1) };
  socket.emit("same", { a: "" }, { a: "" }, { a: "" }, { a: "" }, { a: "" }, view);
  socket.emit("constructor");
}

export function server(io: Server<ClientToServerEvents, ServerToClientEvents>, names: Names): void {
  const buffer: UsersBuffer = { real: Buffer.from("real") };
  io.emit("same", names, "", { "the \"tag\"": "one\n", a: 1 }, buffer);
  // @ts-expect-error the user's Buffer is another type
  io.emit("same", names, "", { "the \"tag\"": "one\n", a: 1 }, Buffer.from("real"));
  // @ts-expect-error not among the words
  io.emit("same", names, "nil", { "the \"tag\"": "one\n", a: 1 }, buffer);
  io.emit("toString", "function", 1, true);
}

export function variant(t: Tagged): number {
  return t["the \"tag\""] === "" ? t.b : t.a;
}
export const empty: Words = WordsValues[0];
