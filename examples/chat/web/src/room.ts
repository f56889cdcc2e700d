import type { Avatars } from "./avatars";
import { make } from "./dom";
import type { Message, User } from "./events";

const keptEntries = 500; // in a room's log
const typingShown = 4_000; // milliseconds

/** A room that the user is in: who is there, and what was said. */
export class Room {
  readonly name: string;
  /** Stays in the page as long as the room; hidden while another is looked at. */
  readonly log: HTMLOListElement;
  readonly members = new Map<number, User>();
  readonly typing = new Map<number, { name: string; timer: ReturnType<typeof setTimeout> }>();
  unread = 0;

  readonly #avatars: Avatars;
  #atEnd = true; // of the log, where the reader stays unless they scroll up

  constructor(name: string, avatars: Avatars) {
    this.name = name;
    this.#avatars = avatars;
    this.log = make("ol", { className: "log", role: "log", ariaLabel: `Messages in ${name}`, tabIndex: 0 });
    this.log.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.log;
      this.#atEnd = scrollHeight - scrollTop - clientHeight < 40;
    });
  }

  /** Shows the end of the log. */
  toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Stays at the end when the log has grown, if that is where the reader is. */
  grown(): void {
    if (this.#atEnd) this.toEnd();
  }

  /** Adds what somebody said. */
  say(msg: Message): void {
    switch (msg.kind) {
      case "text":
        this.#add(this.#entry(msg.from, new Date(msg.sentAt), make("p", {}, msg.text)));
        break;
      case "image": {
        const src = URL.createObjectURL(new Blob([msg.image]));
        const { width, height } = msg.size;
        const picture = make("img", { src, width, height, alt: msg.caption ?? "A picture", onload: () => URL.revokeObjectURL(src) });
        this.#add(this.#entry(msg.from, undefined, picture));
        break;
      }
      case "system":
        this.note(msg.text);
        break;
    }
  }

  /** Adds what the user says, and returns the entry. */
  own(me: User, text: string): HTMLLIElement {
    const entry = this.#entry(me, new Date(), make("p", {}, text));
    entry.classList.add("own");
    this.#add(entry);
    return entry;
  }

  /** Adds a line that nobody said. */
  note(text: string): void {
    this.#add(make("li", { className: "note" }, text));
  }

  /** Says that somebody types, until they stop for a while. */
  types(user: User, changed: () => void): void {
    this.stopsTyping(user.id);
    const timer = setTimeout(() => {
      this.typing.delete(user.id);
      changed();
    }, typingShown);
    this.typing.set(user.id, { name: user.name, timer });
  }

  stopsTyping(userId: number): void {
    clearTimeout(this.typing.get(userId)?.timer);
    this.typing.delete(userId);
  }

  #entry(from: User, at: Date | undefined, what: HTMLElement): HTMLLIElement {
    const head = make("div", { className: "from" }, make("b", {}, from.name));
    if (at) head.append(make("time", { dateTime: at.toISOString() }, at.toLocaleTimeString([], { timeStyle: "short" })));
    return make("li", {}, this.#avatars.show(from), make("div", { className: "said" }, head, what));
  }

  #add(entry: HTMLLIElement): void {
    this.log.append(entry);
    if (this.log.childElementCount > keptEntries) this.log.firstElementChild?.remove();
    this.grown();
  }
}
