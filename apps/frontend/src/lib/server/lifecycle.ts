import { log } from "./log";

/** How long streams may go on after SIGTERM before they are ended, in milliseconds. */
const STREAM_GRACE_MS = 2_500;
/** When the process leaves at the latest after SIGTERM, in milliseconds. */
const EXIT_MS = 4_500;

interface Lifecycle {
  draining: boolean;
  streams: Set<() => void>;
}

const KEY = Symbol.for("todo-frontend.lifecycle");
const store = globalThis as typeof globalThis & { [KEY]?: Lifecycle };

// Instrumentation and route handlers are bundled apart, so the state hangs on the global object.
function lifecycle(): Lifecycle {
  store[KEY] ??= { draining: false, streams: new Set() };
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
 * Lets the server drain on SIGTERM: it stops accepting (Next.js closes the listener itself),
 * requests under way finish, streams still open after the grace period are ended in order, and
 * the process is gone within five seconds.
 */
export function installShutdown(): void {
  process.once("SIGTERM", () => {
    const state = lifecycle();
    state.draining = true;
    log("info", "shutdown.started", { streams: state.streams.size });
    setTimeout(() => {
      for (const end of [...state.streams]) end();
    }, STREAM_GRACE_MS).unref();
    setTimeout(() => {
      log("warning", "shutdown.forced", { streams: state.streams.size });
      process.exit(0);
    }, EXIT_MS).unref();
  });
}
