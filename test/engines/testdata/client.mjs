// npm's client against a server of testdata/golden/everything.
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const [url, ...transports] = process.argv.slice(2);
const socket = io(url, { transports, auth: { token: "t" }, reconnection: false, forceNew: true });
const next = (event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
const connected = next("connect");
const timer = setTimeout(() => { console.error("nothing came"); process.exit(1); }, 20000);

const refused = io(url, { transports, auth: { token: "wrong" }, reconnection: false, forceNew: true });
const error = await new Promise((resolve) => refused.once("connect_error", resolve));
assert.equal(error.message, "not you");
assert.deepEqual(error.data, { code: 401 });
refused.close();

await connected;
socket.on("withAck", (d, callback) => callback(d.length));

const members = await new Promise((resolve) => socket.emit("join", "lobby", (err, m) => resolve(m)));
assert.equal(members[0].id, Number.MAX_SAFE_INTEGER);
assert.deepEqual([...members[0].avatar], [0, 1, 255]);
assert.equal(members[0].mood, null);

const failure = await new Promise((resolve) => socket.emit("join", "full", (err) => resolve(err)));
assert.deepEqual(failure, { code: "full", message: "no place left" });

const message = next("message");
socket.emit("setAvatar", Buffer.from([4, 5]));
const [m, room] = await message;
assert.equal(room, "lobby");
assert.equal(m.kind, "image");
assert.deepEqual([...m.image], [4, 5]);
assert.deepEqual([...m.from.avatar], [0, 1, 255]);

const answered = await new Promise((resolve) => socket.emit("chat message", "lobby", "four", (id) => resolve(id)));
assert.equal(answered, "4");

const gone = next("disconnect");
socket.emit("leave", "lobby");
assert.equal((await gone)[0], "io server disconnect");
clearTimeout(timer);
socket.close();
