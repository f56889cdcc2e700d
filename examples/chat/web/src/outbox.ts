import type { ChatSocket } from "./connection";
import { make } from "./dom";
import type { TextMessage, User } from "./events";
import type { Room } from "./room";

const patience = 10_000; // milliseconds that the server may take for an acknowledgement

type State = "waiting" | "sending" | "sent" | "refused" | "unconfirmed";

interface Letter {
  room: Room;
  text: string;
  state: State;
  entry: HTMLElement;
}

/**
 * What the user said, until the server has acknowledged it. Without a connection it
 * waits here and not in the socket's own buffer, which would send it before the
 * room is entered again.
 */
export class Outbox {
  readonly #socket: ChatSocket;
  readonly #letters: Letter[] = [];
  readonly #delivered = new Set<string>(); // message ids
  #open = false;

  constructor(socket: ChatSocket) {
    this.#socket = socket;
  }

  /** Takes a text, and sends it as soon as the connection allows. */
  send(me: User, room: Room, text: string): void {
    const letter: Letter = { room, text, state: "waiting", entry: room.own(me, text) };
    this.#letters.push(letter);
    this.#mark(letter, "waiting", "waiting for the connection");
    if (this.#open) this.#post(letter);
  }

  /** The rooms are entered: what waits may go. */
  open(): void {
    this.#open = true;
    for (const letter of this.#letters) if (letter.state === "waiting") this.#post(letter);
  }

  close(): void {
    this.#open = false;
  }

  /** Whether a message from the room is one that stands there already: ours. */
  claims(msg: TextMessage, room: Room, mine: boolean): boolean {
    if (this.#delivered.has(msg.id)) return true;
    if (!mine) return false;
    const letter = this.#letters.find(
      (l) => (l.state === "sending" || l.state === "unconfirmed") && l.room === room && l.text === msg.text,
    );
    if (letter) this.#arrived(letter, msg.id);
    return letter !== undefined;
  }

  #post(letter: Letter): void {
    this.#mark(letter, "sending", "sending…");
    // The first error is socket.io-client's: no answer in time, or a connection lost
    // meanwhile. The second is the one that the contract declares.
    this.#socket.timeout(patience).emit("chat message", letter.room.name, letter.text, (lost, err, id) => {
      if (letter.state !== "sending") return;
      if (lost) this.#offerAgain(letter);
      else if (err) {
        this.#mark(letter, "refused", `not sent: ${err.message} (${err.code})`);
        this.#forget(letter);
      } else this.#arrived(letter, id ?? "");
    });
  }

  #arrived(letter: Letter, id: string): void {
    this.#delivered.add(id);
    this.#mark(letter, "sent", "✓ delivered");
    this.#forget(letter);
  }

  #offerAgain(letter: Letter): void {
    const again = make("button", { type: "button", className: "link" }, "Send again");
    again.addEventListener("click", () => {
      if (this.#open) this.#post(letter);
      else this.#mark(letter, "waiting", "waiting for the connection");
    });
    this.#mark(letter, "unconfirmed", "no answer, perhaps not delivered ", again);
  }

  #mark(letter: Letter, state: State, ...what: (Node | string)[]): void {
    letter.state = state;
    letter.entry.dataset["state"] = state;
    let line = letter.entry.querySelector("small");
    if (!line) {
      line = make("small");
      letter.entry.querySelector(".said")?.append(line);
    }
    line.replaceChildren(...what);
    letter.room.grown();
  }

  #forget(letter: Letter): void {
    this.#letters.splice(this.#letters.indexOf(letter), 1);
  }
}
