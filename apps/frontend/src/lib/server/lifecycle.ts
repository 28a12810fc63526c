import { subscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { log } from "./log";

/**
 * In milliseconds after SIGTERM: how long requests are still taken, so that clients leave their
 * connections; how long streams may go on; and when the process leaves at the latest.
 */
const LIMITS = { drain: 1_500, streams: 2_500, exit: 4_500 };
/** How often connections are closed on which the last answer has ended, in milliseconds. */
const SWEEP_MS = 100;

interface Lifecycle {
  draining: boolean;
  /** The server, known from its first request on. */
  server: Server | undefined;
  streams: Set<() => void>;
}

const KEY = Symbol.for("todo-frontend.lifecycle");
const store = globalThis as typeof globalThis & { [KEY]?: Lifecycle };

// Instrumentation and route handlers are bundled apart, so the state hangs on the global object.
function lifecycle(): Lifecycle {
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
 * Lets the server drain on SIGTERM: for a moment it goes on serving and asks clients to leave their
 * connections (closed at once, a request on its way to one would be lost), then stops accepting.
 * Requests under way finish, streams still open after the grace period are ended in order, and the
 * process is gone within five seconds. Next.js leaves signals to it where NEXT_MANUAL_SIG_HANDLE is set.
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
    setTimeout(() => {
      const { server } = state;
      if (!server) process.exit(0);
      server.close(() => process.exit(0));
      setInterval(() => {
        // Node does this once, when it closes; an answer that ends later would hold its connection.
        server.closeIdleConnections();
        // Browsers connect in advance, and Node takes a request for being under way there.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }, SWEEP_MS).unref();
    }, limits.drain).unref();
    setTimeout(() => {
      for (const end of [...state.streams]) end();
    }, limits.streams).unref();
    setTimeout(() => {
      log("warning", "shutdown.forced", { streams: state.streams.size });
      process.exit(0);
    }, limits.exit).unref();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
