import type { Avatars } from "./avatars";
import { byId, make } from "./dom";
import type { User } from "./events";
import { Room } from "./room";

/** The rooms that the user is in, and the one that is looked at. */
export class Rooms {
  current: Room | undefined;

  readonly #all = new Map<string, Room>();
  readonly #avatars: Avatars;
  readonly #changed: () => void;
  #me: number | undefined;

  /** Changed is called when another room, or none, is looked at. */
  constructor(avatars: Avatars, changed: () => void) {
    this.#avatars = avatars;
    this.#changed = changed;
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#all.values();
  }

  get(name: string): Room | undefined {
    return this.#all.get(name);
  }

  /** Takes the answer to a join. */
  entered(name: string, members: User[]): void {
    const room = this.#all.get(name) ?? new Room(name, this.#avatars);
    room.members.clear();
    for (const user of members) room.members.set(user.id, user);
    if (this.#all.has(name)) return this.draw();
    this.#all.set(name, room);
    byId("logs", "div").append(room.log);
    this.look(room);
  }

  /** Takes a room away. */
  left(room: Room): void {
    for (const id of [...room.typing.keys()]) room.stopsTyping(id);
    room.log.remove();
    this.#all.delete(room.name);
    if (this.current === room) this.look([...this.#all.values()][0]);
    else this.draw();
  }

  /** Shows a room. */
  look(room: Room | undefined): void {
    this.current = room;
    if (room) room.unread = 0;
    this.draw();
    room?.toEnd();
    this.#changed();
  }

  /** Says which of the members the user is. */
  iAm(userId: number): void {
    this.#me = userId;
  }

  /** Draws what has changed in any way: lists of a few entries. */
  draw(): void {
    const { current } = this;
    byId("room-name", "h2").textContent = current ? `#${current.name}` : "No room";
    byId("leave-room", "button").hidden = !current;
    byId("rooms", "ul").replaceChildren(...[...this].map((room) => this.#tab(room)));
    byId("members", "ul").replaceChildren(...[...(current?.members.values() ?? [])].map((user) => this.#member(user)));
    for (const room of this) room.log.hidden = room !== current;
    this.drawTyping();
  }

  /** Forgets who types: their stopping would not be heard. */
  nobodyTypes(): void {
    for (const room of this) for (const id of [...room.typing.keys()]) room.stopsTyping(id);
    this.drawTyping();
  }

  drawTyping(): void {
    const names = [...(this.current?.typing.values() ?? [])].map((t) => t.name);
    byId("typing", "p").textContent = names.length === 0 ? "" : `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…`;
  }

  #tab(room: Room): HTMLLIElement {
    const tab = make("button", { type: "button" }, `#${room.name}`);
    if (room === this.current) tab.setAttribute("aria-current", "true");
    if (room.unread > 0) {
      tab.append(make("span", { className: "unread", ariaLabel: `${room.unread} unread` }, String(room.unread)));
    }
    tab.addEventListener("click", () => this.look(room));
    return make("li", {}, tab);
  }

  #member(user: User): HTMLLIElement {
    const item = make("li", {}, this.#avatars.show(user), make("span", {}, user.name));
    if (user.id === this.#me) item.append(make("span", { className: "hint" }, "you"));
    return item;
  }
}
