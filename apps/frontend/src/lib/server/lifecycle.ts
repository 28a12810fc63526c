import { subscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import { log } from "./log";

/** How long requests are still taken after SIGTERM, so that clients leave their connections, in milliseconds. */
const DRAIN_MS = 1_500;
/** How long streams may go on after SIGTERM before they are ended, in milliseconds. */
const STREAM_GRACE_MS = 2_500;
/** When the process leaves at the latest after SIGTERM, in milliseconds. */
const EXIT_MS = 4_500;

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
export function installShutdown(): void {
  const state = lifecycle();
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
      if (state.server) state.server.close(() => process.exit(0));
      else process.exit(0);
    }, DRAIN_MS).unref();
    setTimeout(() => {
      for (const end of [...state.streams]) end();
    }, STREAM_GRACE_MS).unref();
    setTimeout(() => {
      log("warning", "shutdown.forced", { streams: state.streams.size });
      process.exit(0);
    }, EXIT_MS).unref();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
