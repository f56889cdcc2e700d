import { Avatars, shrink } from "./avatars";
import type { ChatSocket, State } from "./connection";
import { byId } from "./dom";
import type { Message, User } from "./events";
import { Outbox } from "./outbox";
import { Rooms } from "./rooms";

const typingEvery = 2_000; // milliseconds between two events that tell of typing

/** The page of somebody who is logged in. */
export class Chat {
  readonly #socket: ChatSocket;
  readonly #outbox: Outbox;
  readonly #avatars = new Avatars();
  readonly #rooms = new Rooms(this.#avatars, () => this.#roomChanged());
  readonly #ended = new AbortController();
  #me: User | undefined;
  #picture: Blob | undefined; // to send again to a server that has forgotten it
  #saidTyping = 0;

  constructor(socket: ChatSocket, logOut: () => void) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#listen();
    const { signal } = this.#ended;
    byId("leave-chat", "button").addEventListener("click", logOut, { signal });
    byId("reconnect", "button").addEventListener("click", () => socket.connect(), { signal });
    byId("leave-room", "button").addEventListener("click", () => this.#leave(), { signal });
    byId("join-form", "form").addEventListener("submit", (e) => this.#submitJoin(e), { signal });
    byId("join-room", "input").addEventListener("input", () => this.#problem(""), { signal });
    byId("say-form", "form").addEventListener("submit", (e) => this.#submitText(e), { signal });
    byId("say", "input").addEventListener("input", () => this.#types(), { signal });
    byId("avatar-file", "input").addEventListener("change", () => void this.#choosePicture(), { signal });
  }

  /** Says how the connection is. */
  report(state: State): void {
    const line = byId("status", "p");
    line.dataset["state"] = state.is;
    byId("reconnect", "button").hidden = state.is !== "ended";
    switch (state.is) {
      case "connected":
        byId("session", "div").hidden = false;
        line.textContent = `Connected over ${state.transport}`;
        break;
      case "connecting":
        line.textContent = `Connection lost, trying again${state.attempt > 0 ? ` (${state.attempt})` : ""}…`;
        break;
      case "ended":
        line.textContent = `Disconnected: ${state.reason}`;
        break;
    }
    if (state.is === "connected") return;
    this.#outbox.close();
    this.#rooms.nobodyTypes();
  }

  /** Takes everything off the page. */
  end(): void {
    this.#ended.abort();
    byId("session", "div").hidden = true;
    for (const room of [...this.#rooms]) this.#rooms.left(room);
    this.#problem("");
    byId("say-form", "form").reset();
  }

  /** Handles what the server sends. */
  #listen(): void {
    const socket = this.#socket;
    socket.on("connect", () => {
      if (socket.recovered) this.#resume();
    });
    socket.on("welcome", (you, rooms) => this.#welcome(you, rooms));
    socket.on("message", (msg, room) => this.#hear(msg, room));
    socket.on("userJoined", (user, name) => {
      this.#avatars.set(user.id, user.avatar);
      const room = this.#rooms.get(name);
      room?.members.set(user.id, user);
      if (user.id !== this.#me?.id) room?.note(`${user.name} enters`);
      this.#rooms.draw();
    });
    socket.on("userLeft", (user, name) => {
      const room = this.#rooms.get(name);
      room?.members.delete(user.id);
      room?.stopsTyping(user.id);
      if (user.id !== this.#me?.id) room?.note(`${user.name} leaves`);
      this.#rooms.draw();
    });
    socket.on("typing", (user, name) => {
      this.#rooms.get(name)?.types(user, () => this.#rooms.drawTyping());
      this.#rooms.drawTyping();
    });
    socket.on("avatarChanged", (userId, image) => this.#avatars.set(userId, image));
    socket.on("withAck", (d, callback) => callback(d.length));
  }

  /** The session is new, also to a server that was there before: enter the rooms. */
  #welcome(you: User, rooms: string[]): void {
    const first = this.#me === undefined;
    this.#me = you;
    this.#rooms.iAm(you.id);
    byId("my-name", "span").textContent = you.name;
    byId("my-avatar", "span").replaceChildren(this.#avatars.show(you));
    byId("known-rooms", "datalist").replaceChildren(...rooms.map((name) => new Option(name, name)));
    byId("join-room", "input").placeholder = rooms.filter((name) => name !== "lobby").join(", ");
    if (this.#picture) this.#socket.emit("setAvatar", this.#picture);
    if (first) this.#join("lobby");
    for (const room of this.#rooms) {
      room.note("Connected again. What was said meanwhile is missing here.");
      this.#join(room.name);
    }
    // Events keep their order: what is sent now comes behind the joins.
    this.#outbox.open();
    byId("say", "input").focus();
  }

  /** The session goes on (connection state recovery): what was missed comes next. */
  #resume(): void {
    for (const room of this.#rooms) room.note("Connected again. What was said meanwhile follows.");
    this.#outbox.open();
  }

  #join(name: string): void {
    this.#problem("");
    this.#socket.emit("join", name, (err, members = []) => {
      if (err) {
        this.#problem(`${err.message} (${err.code})`);
        const room = this.#rooms.get(name);
        if (room) this.#rooms.left(room);
        return;
      }
      for (const user of members) this.#avatars.set(user.id, user.avatar);
      this.#rooms.entered(name, members);
    });
  }

  /** Says why a room can't be entered, or, with "", nothing. */
  #problem(text: string): void {
    const line = byId("join-error", "p");
    line.textContent = text;
    line.hidden = text === "";
  }

  #leave(): void {
    const room = this.#rooms.current;
    if (!room) return;
    this.#socket.emit("leave", room.name); // without a connection it waits for one
    this.#rooms.left(room);
  }

  #hear(msg: Message, name: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    if (msg.kind === "text") {
      room.stopsTyping(msg.from.id);
      this.#rooms.drawTyping();
      if (this.#outbox.claims(msg, room, msg.from.id === this.#me?.id)) return;
    }
    room.say(msg);
    if (room === this.#rooms.current) return;
    room.unread++;
    this.#rooms.draw();
  }

  /** Tells the others; who can't take it at the moment doesn't need it. */
  #types(): void {
    const room = this.#rooms.current;
    const now = performance.now();
    if (!room || !this.#socket.connected || now - this.#saidTyping < typingEvery) return;
    this.#saidTyping = now;
    this.#socket.volatile.emit("typing", room.name);
  }

  async #choosePicture(): Promise<void> {
    const input = byId("avatar-file", "input");
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    try {
      this.#picture = await shrink(file);
    } catch {
      this.#rooms.current?.note("This file is not a picture that the browser can read.");
      return;
    }
    if (this.#socket.connected) this.#socket.emit("setAvatar", this.#picture);
  }

  #submitJoin(event: SubmitEvent): void {
    event.preventDefault();
    const input = byId("join-room", "input");
    const known = this.#rooms.get(input.value);
    if (known) this.#rooms.look(known);
    else if (this.#socket.connected) this.#join(input.value);
    else return this.#problem("There is no connection at the moment.");
    input.value = "";
  }

  #submitText(event: SubmitEvent): void {
    event.preventDefault();
    const input = byId("say", "input");
    const room = this.#rooms.current;
    if (!room || !this.#me || input.value === "") return;
    this.#outbox.send(this.#me, room, input.value);
    input.value = "";
    this.#saidTyping = 0;
  }

  #roomChanged(): void {
    const none = this.#rooms.current === undefined;
    byId("say", "input").disabled = none;
    byId("send", "button").disabled = none;
    if (!none) byId("say", "input").focus();
  }
}
