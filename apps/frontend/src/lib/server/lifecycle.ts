import { subscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { log } from "./log";

/**
 * In milliseconds after SIGTERM: how long requests are taken in any case; how long where clients still
 * keep connections, and streams may go on; when the process leaves; and when it does although a request
 * that was taken still waits for its answer, as the first ones to a new back end may.
 *
 * Node.js closes an idle connection after 5 s and says so (`Keep-Alive: timeout=5`), so that clients leave
 * it before that: undici after 3 s, by a clock of half seconds. Closed earlier, a request may be on its way.
 */
const LIMITS = { drain: 1_500, connections: 4_000, exit: 4_800, answers: 10_000 };
/** Milliseconds between two looks for connections that have nothing to do any more. */
const SWEEP_MS = 100;
/** Milliseconds that each stream has in any case: it may have been waited for until now. */
const SHORT_STREAM_MS = 1_000;
/** Milliseconds for the last words of a stream that was ended to leave this machine, however busy it is. */
const LAST_WORDS_MS = 750;
/** Milliseconds for the request that follows an answer at once, before its connection is closed. */
const FOLLOWING_MS = 250;

/** What a connection does. */
interface Use {
  /** The answer under way. */
  response?: ServerResponse;
  /** When the last answer ended, or the connection began, by `performance.now()`. */
  idleSince: number;
}

/** Whether the client has heard nothing yet of an answer. */
function isAwaited({ response }: Use): boolean {
  return response !== undefined && !response.headersSent;
}

function isIdle({ response, idleSince }: Use): boolean {
  return !response && performance.now() - idleSince > FOLLOWING_MS;
}

interface Lifecycle {
  draining: boolean;
  /** The server, known from its first request on. */
  server: Server | undefined;
  /** What ends each stream, with when it began by `performance.now()`. */
  streams: Map<() => void, number>;
}

const KEY = Symbol.for("todo-frontend.lifecycle");
const store = globalThis as typeof globalThis & { [KEY]?: Lifecycle };

/** The process's state. Instrumentation and route handlers are bundled apart, so it hangs on the global object. */
export function lifecycle(): Lifecycle {
  store[KEY] ??= { draining: false, server: undefined, streams: new Map() };
  return store[KEY];
}

/** What `http.server.request.start` tells. */
interface Exchange {
  server: Server;
  socket: Socket;
  response: ServerResponse;
}

/** Whether SIGTERM has been received. */
export function isDraining(): boolean {
  return lifecycle().draining;
}

/** Registers a stream that `end` finishes early on shutdown. Returns how to forget it. */
export function trackStream(end: () => void): () => void {
  const { streams } = lifecycle();
  streams.set(end, performance.now());
  return () => streams.delete(end);
}

/**
 * Lets the server drain on SIGTERM: it goes on serving and asks clients to leave their connections
 * (closed at once, a request on its way to one would be lost), then stops accepting and ends streams in
 * order. Requests under way finish, and the process is gone within five seconds, or ten where one waits for
 * its answer. Next.js leaves signals to it where NEXT_MANUAL_SIG_HANDLE is set.
 */
export function installShutdown(limits: typeof LIMITS = LIMITS): void {
  const state = lifecycle();
  const connections = new Map<Socket, Use>();
  subscribe("net.server.socket", (message) => {
    const { socket } = message as { socket: Socket };
    connections.set(socket, { idleSince: performance.now() });
    socket.once("close", () => connections.delete(socket));
  });
  subscribe("http.server.request.start", (message) => {
    const { server, socket, response } = message as Exchange;
    state.server = server;
    const use = connections.get(socket);
    if (use) {
      use.response = response;
      response.once("close", () => {
        if (use.response === response) delete use.response;
        use.idleSince = performance.now();
      });
    }
    if (state.draining) response.setHeader("connection", "close");
  });
  const stop = (): void => {
    if (state.draining) return;
    state.draining = true;
    log("info", "shutdown.started", { streams: state.streams.size });
    for (const { response } of connections.values())
      if (response && !response.headersSent) response.setHeader("connection", "close");
    const started = performance.now();
    let spoken = -Infinity;
    setInterval(() => {
      const since = performance.now() - started;
      if (since < limits.drain) return;
      const idle = [...connections].filter(([, use]) => isIdle(use)).map(([socket]) => socket);
      // Browsers connect in advance, and ask for nothing there.
      for (const socket of idle) if (socket.bytesRead === 0) socket.destroy();
      if (connections.size > 0 && since < limits.connections) return;
      const { server } = state;
      if (!server) process.exit(0);
      // Not the HTTP server's own close: it closes every idle connection at once.
      if (server.listening) NetServer.prototype.close.call(server, () => process.exit(0));
      let young = 0;
      for (const [end, begun] of [...state.streams])
        if (performance.now() - begun > SHORT_STREAM_MS) {
          end();
          spoken = performance.now();
        } else young += 1;
      for (const socket of idle) socket.destroy();
      const speaking = performance.now() - spoken < LAST_WORDS_MS ? 1 : 0;
      const awaited = speaking + young + [...connections.values()].filter(isAwaited).length;
      if (since < (awaited > 0 ? limits.answers : limits.exit)) return;
      log("warning", "shutdown.forced", { streams: state.streams.size, awaited });
      process.exit(0);
    }, SWEEP_MS).unref();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
