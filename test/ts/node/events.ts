// Typed use and misuse of generated events with the official packages' types.
import type { Namespace, Server } from "socket.io";
import type { Socket } from "socket.io-client";
import type {
  AdminClientToServerEvents,
  AdminHandshakeAuth,
  AdminServerToClientEvents,
  AdminSocketData,
  ClientToServerEvents,
  EmptyClientToServerEvents,
  EmptyServerToClientEvents,
  HandshakeAuth,
  InterServerEvents,
  JoinError,
  ServerToClientEvents,
  SocketData,
  User,
} from "../../../testdata/golden/ts_events/events.js";

declare const user: User;

export async function client(
  socket: Socket<ServerToClientEvents, ClientToServerEvents>,
): Promise<void> {
  socket.on("noArg", () => {});
  socket.on("basicEmit", (a, b, ok, at) => {
    a.toFixed() + b.trim() + String(ok === true) + at.trim();
    // @ts-expect-error a is a number
    a.trim();
  });
  socket.on("withAck", (d, callback) => {
    callback(d.length);
    // @ts-expect-error the ack is a number
    callback(d);
    // @ts-expect-error the ack has one argument
    callback(1, 2);
    // @ts-expect-error the ack's argument is required
    callback();
  });
  socket.on("emptyAck", (callback) => callback());
  socket.on("optional", (a, b, c) => {
    a.toFixed();
    b?.trim();
    c?.trim();
    // @ts-expect-error b may be absent
    b.trim();
    // @ts-expect-error c may be null
    if (c !== undefined) c.trim();
  });
  socket.on("nullable", (a, list) => {
    a?.trim();
    list[0]?.trim();
    // @ts-expect-error a may be null
    a.trim();
  });
  socket.on("rest", (room, ...tags) => room + tags.map((tag) => tag.trim()).join());
  socket.on("restNullable", (...tags) => {
    tags.map((tag) => tag?.trim());
    // @ts-expect-error a tag may be null
    tags.map((tag) => tag.trim());
  });
  socket.on("anything", (data, more) => {
    // @ts-expect-error any JSON is unknown, not any
    data.trim();
    return typeof data === typeof more;
  });
  // @ts-expect-error no such event
  socket.on("noArgs", () => {});
  // @ts-expect-error an event of the other direction
  socket.on("hello", () => {});
  // @ts-expect-error b is a string
  socket.on("basicEmit", (a: number, b: number) => a + b);

  socket.emit("hello");
  socket.emit("chat message", "hi");
  // @ts-expect-error hello has no arguments
  socket.emit("hello", 1);
  // @ts-expect-error the message is missing
  socket.emit("chat message");
  // @ts-expect-error the message is a string
  socket.emit("chat message", 1);
  // @ts-expect-error no such event
  socket.emit("chatMessage", "hi");
  // @ts-expect-error an event of the other direction
  socket.emit("noArg");

  socket.emit("join", "lobby", (err, members) => {
    if (err !== null) return err.code.trim();
    // @ts-expect-error members come without an error only
    members.length;
    return members?.map((m) => m.name.trim()).join() ?? "";
  });
  // @ts-expect-error an acked event needs its callback
  socket.emit("join", "lobby");
  socket.emit("leave", "lobby", (err) => err?.trim());
  // @ts-expect-error the ack has only the error
  socket.emit("leave", "lobby", (err, more) => more);

  socket.emit("rename", "new", "because", null, { any: 1 }, (old, since) => old + since?.trim());
  socket.emit("rename", "new", undefined, undefined, undefined, (old) => old.trim());
  socket.emit("rename", "new", null, null, null, (old) => old.trim());
  // @ts-expect-error optional arguments in front of the callback keep their places
  socket.emit("rename", "new", (old) => old.trim());

  socket.emit("tag", "lobby", (count) => count.toFixed());
  socket.emit("tag", "lobby", "a", "b", (count) => count.toFixed());
  // @ts-expect-error tags are strings
  socket.emit("tag", "lobby", "a", 2, (count) => count.toFixed());
  // @ts-expect-error the callback is missing
  socket.emit("tag", "lobby", "a");
  socket.emit("tagAll", "a", "b", (err, ...names) => err?.code ?? names.map((n) => n.trim()).join());

  const old: string = await socket.emitWithAck("rename", "new", "", "", 1);
  const count: number = await socket.emitWithAck("tag", "lobby", "a", "b");
  const err: JoinError | null = await socket.emitWithAck("join", old + count);
  // @ts-expect-error the ack is a number
  const wrong: string = await socket.emitWithAck("tag", "lobby");
  // @ts-expect-error emitWithAck takes no callback
  await socket.emitWithAck("tag", "lobby", (n: number) => n);
  socket.timeout(1000).emit("tag", "lobby", "a", (timeout: Error | null, n) => [timeout, n, err, wrong]);

  const auth: HandshakeAuth = { token: "t" };
  socket.auth = auth;
  // @ts-expect-error the token is missing
  const missing: HandshakeAuth = { name: "n" };
  // @ts-expect-error absent is not undefined
  const absent: HandshakeAuth = { token: "t", name: undefined };
  void [missing, absent];
}

export function server(
  io: Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>,
  admin: Namespace<AdminClientToServerEvents, AdminServerToClientEvents, InterServerEvents, AdminSocketData>,
  empty: Namespace<EmptyClientToServerEvents, EmptyServerToClientEvents>,
): void {
  io.on("connection", (socket) => {
    socket.data.user.name.trim();
    // @ts-expect-error no such data
    void socket.data.nobody;
    socket.emit("basicEmit", 1, "b", true, new Date().toISOString());
    socket.emit("optional", 1);
    socket.emit("optional", 1, "b", null);
    socket.emit("rest", "lobby", "a", "b");
    socket.emit("restOnly");
    socket.emit("anything", { any: ["thing"] });
    // @ts-expect-error time is a string
    socket.emit("basicEmit", 1, "b", true, new Date());
    // @ts-expect-error a is required
    socket.emit("optional");
    socket.on("join", (room, callback) => {
      callback(null, [{ id: 1, name: room }]);
      callback({ code: "full" });
      // @ts-expect-error the error comes first
      callback([user]);
      // @ts-expect-error the error is a JoinError
      callback({ reason: "full" });
    });
    socket.on("rename", (name, reason, note, extra, callback) => {
      // @ts-expect-error an absent argument in front of the callback arrives as null
      reason.trim();
      callback(name + (reason ?? "") + (note ?? "") + String(extra));
      callback(name, new Date().toISOString());
    });
    socket.on("tag", (room, ...args) => {
      const callback = args.at(-1);
      if (typeof callback === "function") callback(room.length + args.length - 1);
    });
    socket.on("documented", (a, b, callback) => callback(a.length + b.length));
    void socket.emitWithAck("withAck", "d").then((e) => e.toFixed());
    // @ts-expect-error this event has no ack
    void socket.emitWithAck("noArg");
  });
  io.to("lobby").emit("noArg");
  void io.timeout(100).emitWithAck("withAck", "d").then((all) => all.map((e) => e.toFixed()));
  io.serverSideEmit("reload", "new config");
  io.serverSideEmit("count", (err, answers) => [err, answers.map((n) => n.toFixed())]);
  // @ts-expect-error the reason is a string
  io.serverSideEmit("reload", 1);

  const login: AdminHandshakeAuth = user;
  admin.emit("hello", login);
  // @ts-expect-error this namespace's hello has an argument
  admin.emit("hello");
  admin.on("connection", (socket) => {
    socket.data.name.trim();
    socket.on("hello", () => {});
  });
  // @ts-expect-error no events here
  empty.emit("hello");
}
