// Drives the chat server as npm's official client: node client.mjs URL TRANSPORT…
// Exits with 0 when everything was as the contract says.
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const [url, ...transports] = process.argv.slice(2);
// PARSER=msgpack: packets are MessagePack.
const parser = process.env.PARSER === "msgpack" ? (await import("socket.io-msgpack-parser")).default : undefined;
let doing = "";
const limit = setTimeout(() => {
  console.error(`not ok - ${doing}: no end after 60 s`);
  process.exit(1);
}, 60_000);

const open = (auth, namespace = "/", manager = {}) =>
  io(url + namespace, { auth, transports, reconnection: false, forceNew: true, parser, ...manager });
const next = (socket, event) =>
  new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
const connected = async (socket) => {
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
};
// The answer to a chat message: the declared error or null, and the id.
const say = (socket, room, text) =>
  new Promise((resolve) => socket.emit("chat message", room, text, (...args) => resolve(args)));
// What the client gets when several events are under way.
const collect = (socket, events) => {
  const seen = [];
  for (const event of events) socket.on(event, (...args) => seen.push([event, ...args]));
  return seen;
};

const steps = {
  async "a login without the token is refused, with data"() {
    const socket = open({ token: "wrong" });
    const [err] = await next(socket, "connect_error");
    assert.equal(err.message, "wrong token");
    assert.deepEqual(err.data, { code: 401 });
    assert.equal(socket.active, false);
  },

  async "the welcome comes first"() {
    const ann = open({ token: "secret", name: "Ann" });
    const [you, rooms] = await next(ann, "welcome");
    assert.equal(you.name, "Ann");
    assert.deepEqual(rooms, ["go", "lobby", "tiny"]);
    ann.disconnect();
  },

  async "an auth payload that is not as declared is refused"() {
    const socket = open({ name: "no token" });
    const [err] = await next(socket, "connect_error");
    assert.match(err.message, /token: required field is missing/);
  },

  async "an unknown namespace is refused"() {
    const socket = open({}, "/nowhere");
    const [err] = await next(socket, "connect_error");
    assert.equal(err.message, "Invalid namespace");
  },

  async "hello brings no argument, some, and a question"() {
    const ann = await connected(open({ token: "secret", name: "Ann" }));
    ann.on("withAck", (d, callback) => {
      assert.equal(d, "what is six times seven?");
      callback(42);
    });
    const [noArg, basic, message] = [next(ann, "noArg"), next(ann, "basicEmit"), next(ann, "message")];
    ann.emit("hello");
    assert.deepEqual(await noArg, []);
    const [a, b, c] = await basic;
    assert.equal(a, 1);
    assert.equal(b, "welcome, Ann");
    assert.ok(Buffer.isBuffer(c));
    assert.deepEqual([...c], [1, 2, 3]);
    assert.deepEqual(await message, [{ kind: "system", text: "you said 42", level: "info" }, "lobby"]);
    ann.disconnect();
  },

  async "rooms: join, members, messages, leave"() {
    const ann = await connected(open({ token: "secret", name: "Ann" }));
    const bob = await connected(open({ token: "secret", name: "Bob" }));
    const eve = await connected(open({ token: "secret", name: "Eve" }));
    const outside = collect(eve, ["message", "userJoined", "typing"]);

    let [err, members] = await new Promise((resolve) => ann.emit("join", "lobby", (...args) => resolve(args)));
    assert.equal(err, null);
    assert.deepEqual(members.map((m) => m.name), ["Ann"]);
    assert.equal(members[0].email, null);
    assert.equal(members[0].role, "member");
    assert.ok(!("avatar" in members[0]));
    assert.ok(!Number.isNaN(Date.parse(members[0].joinedAt)));

    const joined = next(ann, "userJoined");
    [err, members] = await new Promise((resolve) => bob.emit("join", "lobby", (...args) => resolve(args)));
    assert.deepEqual(members.map((m) => m.name), ["Ann", "Bob"]);
    assert.equal((await joined)[0].name, "Bob");

    const heard = [next(ann, "message"), next(bob, "message")];
    const [refused, id] = await say(bob, "lobby", "hi — \u{1F600}\u2028");
    assert.equal(refused, null);
    for (const [msg, room] of await Promise.all(heard)) {
      assert.equal(msg.kind, "text");
      assert.equal(msg.id, id);
      assert.equal(msg.text, "hi — \u{1F600}\u2028");
      assert.equal(msg.from.name, "Bob");
      assert.equal(room, "lobby");
    }
    // Volatile: between two polls it is dropped, so it is said until heard.
    const typing = next(ann, "typing");
    const again = setInterval(() => bob.emit("typing", "lobby"), 20);
    assert.equal((await typing)[0].name, "Bob");
    clearInterval(again);

    const left = next(ann, "userLeft");
    bob.disconnect();
    assert.equal((await left)[0].name, "Bob");
    assert.deepEqual(outside, []);
    ann.disconnect();
    eve.disconnect();
  },

  async "a declared error comes first in the callback"() {
    const ann = await connected(open({ token: "secret" }));
    const args = await new Promise((resolve) => ann.emit("join", "nowhere", (...args) => resolve(args)));
    assert.deepEqual(args, [{ code: "unknown_room", message: 'there is no room "nowhere"' }]);
    assert.deepEqual(await say(ann, "go", "hi"), [{ code: "not_in_room", message: 'you are not in "go"' }]);
    await new Promise((resolve) => ann.emit("join", "go", resolve));
    assert.deepEqual(await say(ann, "go", " "), [{ code: "blank", message: "there is nothing in this message" }]);
    ann.disconnect();
  },

  async "an invalid payload never reaches a handler, is answered, and the connection stays"() {
    const ann = await connected(open({ token: "secret" }));
    const answer = (...args) => new Promise((resolve) => ann.emit("join", ...args, (err) => resolve(err)));
    assert.match((await answer("NOT A ROOM")).message, /^join\.room: /);
    assert.match((await answer(7)).message, /^join\.room: /);
    assert.match((await answer()).message, /^join\.room: required argument is missing/);
    ann.emit("leave", { not: "a room" });
    ann.emit("no such event", 1, 2, 3);
    assert.equal((await answer("lobby")), null);
    ann.disconnect();
  },

  async "bytes arrive as bytes, at every depth"() {
    const ann = await connected(open({ token: "secret", name: "Ann" }));
    const bob = await connected(open({ token: "secret", name: "Bob" }));
    const image = Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 255));
    const changed = next(bob, "avatarChanged");
    ann.emit("setAvatar", image);
    assert.deepEqual((await changed)[1], image);
    const members = await new Promise((resolve) => ann.emit("join", "go", (_, list) => resolve(list)));
    assert.deepEqual(members[0].avatar, image);
    ann.disconnect();
    bob.disconnect();
  },

  async "a variadic argument"() {
    const ann = await connected(open({ token: "secret", name: "Ann" }));
    const bob = await connected(open({ token: "secret", name: "Bob" }));
    const members = await new Promise((resolve) => bob.emit("join", "lobby", (_, list) => resolve(list)));
    const message = next(bob, "message");
    ann.emit("invite", "go", 0, members.find((m) => m.name === "Bob").id);
    assert.deepEqual((await message)[0], { kind: "system", text: "Ann invites you", level: "info" });
    ann.disconnect();
    bob.disconnect();
  },

  async "a second namespace over the same connection"() {
    const ann = await connected(open({ token: "secret", name: "Ann" }));
    const refused = ann.io.socket("/admin", { auth: { token: "secret" } });
    refused.connect();
    const [err] = await next(refused, "connect_error");
    assert.equal(err.message, "moderators only");

    const admin = await connected(open({ token: "admin-secret" }, "/admin"));
    const [users, rooms, bytesSent] = await new Promise((resolve) => admin.emit("stats", (...args) => resolve(args)));
    assert.equal(users, 1);
    assert.equal(typeof rooms, "object");
    assert.equal(bytesSent, "0");
    const kick = (...args) => new Promise((resolve) => admin.emit("kick", ...args, (...answer) => resolve(answer)));
    assert.deepEqual(await kick(99_999, "go", undefined), ["unknown_user"]);
    const members = await new Promise((resolve) => ann.emit("join", "go", (_, list) => resolve(list)));
    assert.deepEqual(await kick(members.find((m) => m.name === "Ann").id, "go", "spam"), [null]);
    const [, after] = await new Promise((resolve) => admin.emit("stats", (...args) => resolve(args)));
    assert.equal(after.go, 0);
    admin.disconnect();
    ann.disconnect();
  },
};

for (const [name, step] of Object.entries(steps)) {
  doing = name;
  try {
    await step();
    console.log(`ok - ${name}`);
  } catch (err) {
    console.error(`not ok - ${name}\n${err?.stack ?? err}`);
    process.exit(1);
  }
}
clearTimeout(limit);
