import { Chat } from "./chat";
import { open, type ChatSocket, type State } from "./connection";
import { LoginForm, type Login } from "./login";

declare global {
  interface Window {
    /** The socket, to play with in the console: `chat.emit("hello")`. */
    chat?: ChatSocket | undefined;
  }
}

const form = new LoginForm(enter);
let chat: Chat | undefined;

/** Connects; the chat takes the form's place when the server has said yes. */
function enter(login: Login): void {
  end();
  const socket = open({ name: login.name, token: login.token }, login.transports, (state) => {
    if (window.chat === socket) report(state);
  });
  window.chat = socket;
  chat = new Chat(socket, end);
  form.report({ is: "connecting", attempt: 0, problem: "" });
}

function report(state: State): void {
  if (state.is === "connected") form.hide();
  chat?.report(state);
  if (state.is === "refused") end();
  form.report(state);
}

/** Ends the chat, so that nothing of it stays in the page. */
function end(): void {
  const socket = window.chat;
  window.chat = undefined;
  socket?.disconnect();
  chat?.end();
  chat = undefined;
  form.show();
}
