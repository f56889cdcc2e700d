import type { State, Transport } from "./connection";
import { byId } from "./dom";

export interface Login {
  name: string;
  token: string;
  transports: Transport[];
}

/** The form that asks for a name and a token. */
export class LoginForm {
  readonly #section = byId("login", "main");
  readonly #form = byId("login-form", "form");
  readonly #refusal = byId("refusal", "div");

  constructor(submit: (login: Login) => void) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#refusal.hidden = true;
      submit({
        name: byId("name", "input").value,
        token: byId("token", "input").value,
        transports: byId("transport", "select").value.split(" ") as Transport[],
      });
    });
  }

  show(): void {
    this.#section.hidden = false;
    byId("login-status", "p").textContent = "";
  }

  hide(): void {
    this.#section.hidden = true;
  }

  /** Says how it goes. */
  report(state: State): void {
    const status = byId("login-status", "p");
    status.textContent = "";
    if (state.is === "refused") this.#refused(state.message, state.data);
    if (state.is !== "connecting") return;
    status.textContent = state.problem ? `No connection (${state.problem}), trying again…` : "Connecting…";
  }

  #refused(message: string, data: unknown): void {
    byId("refusal-message", "strong").textContent = `Refused: ${message}`;
    const pre = byId("refusal-data", "pre");
    pre.hidden = data === undefined;
    pre.textContent = data === undefined ? "" : JSON.stringify(data);
    this.#refusal.hidden = false;
    byId("token", "input").select();
  }
}
