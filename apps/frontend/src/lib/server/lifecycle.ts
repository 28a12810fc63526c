import { subscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { log } from "./log";

/**
 * In milliseconds after SIGTERM: how long requests are taken in any case; how long where clients still
 * keep connections, and streams may go on; and when the process leaves at the latest.
 *
 * Node.js closes an idle connection after 5 s and says so (`Keep-Alive: timeout=5`), so that clients leave
 * it before that: undici after 3 s, by a clock of half seconds. Closed earlier, a request may be on its way.
 */
const LIMITS = { drain: 1_500, connections: 4_000, exit: 4_800 };
/** How often is looked for connections that have nothing to do any more, in milliseconds. */
const SWEEP_MS = 100;

interface Lifecycle {
  draining: boolean;
  /** The server, known from its first request on. */
  server: Server | undefined;
  streams: Set<() => void>;
}

const KEY = Symbol.for("todo-frontend.lifecycle");
const store = globalThis as typeof globalThis & { [KEY]?: Lifecycle };

/** The process's state. Instrumentation and route handlers are bundled apart, so it hangs on the global object. */
export function lifecycle(): Lifecycle {
  store[KEY] ??= { draining: false, server: undefined, streams: new Set() };
  return store[KEY];
}

/** Whether SIGTERM has been received. */
export function isDraining(): boolean {
  return lifecycle().draining;
}

/** Registers a stream that `end` finishes early on shutdown. Returns how to forget it. */
export function trackStream(end: () => void): () => void {
  const { streams } = lifecycle();
  streams.add(end);
  return () => streams.delete(end);
}

/**
 * Lets the server drain on SIGTERM: it goes on serving and asks clients to leave their connections
 * (closed at once, a request on its way to one would be lost), then stops accepting and ends streams in
 * order. Requests under way finish, and the process is gone within five seconds. Next.js leaves signals
 * to it where NEXT_MANUAL_SIG_HANDLE is set.
 */
export function installShutdown(limits: typeof LIMITS = LIMITS): void {
  const state = lifecycle();
  const sockets = new Set<Socket>();
  subscribe("net.server.socket", (message) => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  subscribe("http.server.request.start", (message) => {
    const { server, response } = message as { server: Server; response: ServerResponse };
    state.server = server;
    if (state.draining) response.setHeader("connection", "close");
  });
  const stop = (): void => {
    if (state.draining) return;
    state.draining = true;
    log("info", "shutdown.started", { streams: state.streams.size });
    const started = performance.now();
    const sweep = setInterval(() => {
      const since = performance.now() - started;
      if (since < limits.drain) return;
      // Browsers connect in advance, and Node.js takes a request for being under way there.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      if (sockets.size > 0 && since < limits.connections) return;
      const { server } = state;
      if (!server) process.exit(0);
      if (server.listening) server.close(() => process.exit(0));
      for (const end of [...state.streams]) end();
      // Node.js does this once, when it closes; an answer that ends later would hold its connection.
      server.closeIdleConnections();
    }, SWEEP_MS);
    sweep.unref();
    setTimeout(() => {
      log("warning", "shutdown.forced", { streams: state.streams.size });
      process.exit(0);
    }, limits.exit).unref();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
