import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, HandshakeAuth, ServerToClientEvents } from "./events";

/** The typed socket: what it takes and brings is in ../../events.yaml. */
export type ChatSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export type Transport = "polling" | "websocket";

export type State =
  | { is: "connecting"; attempt: number; problem: string }
  | { is: "connected"; transport: string }
  /** The server's middleware said no; data is what it gave as the reason. */
  | { is: "refused"; message: string; data: unknown }
  /** The server or we ended it: socket.io-client does not connect again by itself. */
  | { is: "ended"; reason: string };

/** The address of the server; "" is the one that the page comes from. */
function address(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="chat-server"]')?.content ?? "";
}

/**
 * Opens a socket and reports, later, what becomes of it. The state "connected" is
 * reported again when the transport changes.
 */
export function open(auth: HandshakeAuth, transports: Transport[], report: (state: State) => void): ChatSocket {
  const options = { auth, transports, forceNew: true };
  const url = address();
  const socket: ChatSocket = url === "" ? io(options) : io(url, options);
  let attempt = 0;

  const connected = () => report({ is: "connected", transport: socket.io.engine.transport.name });
  socket.on("connect", () => {
    attempt = 0;
    connected();
    socket.io.engine.once("upgrade", connected);
  });
  socket.on("disconnect", (reason) => {
    report(socket.active ? { is: "connecting", attempt, problem: reason } : { is: "ended", reason });
  });
  socket.on("connect_error", (err: Error & { data?: unknown }) => {
    report(
      socket.active
        ? { is: "connecting", attempt, problem: err.message }
        : { is: "refused", message: err.message, data: err.data },
    );
  });
  socket.io.on("reconnect_attempt", (n) => {
    attempt = n;
    report({ is: "connecting", attempt, problem: "" });
  });
  return socket;
}
