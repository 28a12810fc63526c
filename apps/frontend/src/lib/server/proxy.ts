import { trackStream } from "./lifecycle";
import { describeError, log } from "./log";
import { isTrustedWrite } from "./origins";
import { problem } from "./problem";

/** What the proxy needs from its surroundings; tests bring their own. */
export interface ProxyDependencies {
  /** Base URL of the back end, without a trailing slash. */
  backendUrl: string;
  /** Origins that may write, the public URL's first. */
  trustedOrigins: readonly string[];
  /** The user's token for the back end with any cookies to renew, or null when nobody is signed in. */
  authorize(headers: Headers): Promise<Authorization | null>;
  fetch?: typeof fetch;
  /** Overrides of {@link TIMEOUTS}, in milliseconds. */
  timeouts?: Partial<typeof TIMEOUTS>;
}

export interface Authorization {
  token: string;
  /** `Set-Cookie` values that extend the session in the browser. */
  cookies: string[];
  /** Has the next authorization bring a new token, as the back end refuses this one. */
  discard(): void;
}

/** In milliseconds: until the back end's answer begins, and between two pieces of its body. */
export const TIMEOUTS = { response: 15_000, chatResponse: 60_000, idle: 120_000 };

/**
 * In milliseconds: how long to go on asking when a pod of the back end has just died, which
 * Kubernetes takes a second or two to notice, and how long to pause at first and at most.
 */
const PATIENCE = { total: 2000, pause: 50, longestPause: 250 };

/** Largest request body passed on, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

const ID = "[A-Za-z0-9_-]{1,128}";

/** All that can be reached through the proxy. Anything else is answered 404 here. */
const ROUTES: ReadonlyArray<{ path: RegExp; methods: readonly string[] }> = [
  { path: /^chatkit$/, methods: ["POST"] },
  { path: /^chatkit\/stop$/, methods: ["POST"] },
  { path: /^ready$/, methods: ["GET"] },
  { path: /^api\/tasks$/, methods: ["GET", "POST"] },
  { path: new RegExp(`^api/tasks/${ID}$`), methods: ["GET", "PATCH", "DELETE"] },
  { path: /^api\/conversations$/, methods: ["GET", "POST"] },
  { path: new RegExp(`^api/conversations/${ID}$`), methods: ["GET", "PATCH", "DELETE"] },
  { path: new RegExp(`^api/conversations/${ID}/messages$`), methods: ["GET", "POST"] },
];

const REQUEST_HEADERS = [
  "accept",
  "accept-language",
  "content-type",
  "idempotency-key",
  "if-match",
  "if-none-match",
];
const RESPONSE_HEADERS = [
  "allow",
  "cache-control",
  "content-type",
  "etag",
  "last-modified",
  "link",
  "retry-after",
  "x-total-count",
];

// Next.js hands over a body, if an empty one, for every method but GET and HEAD.
const METHODS_WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** The ids that the back end keeps; it would answer with one of its own instead of any other. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** A caller's request id when it is well-formed, else a new one. */
export function requestId(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

/** Passes one request on to the back end as the signed-in user and streams the answer back. */
export async function proxyRequest(
  request: Request,
  segments: readonly string[],
  dependencies: ProxyDependencies,
): Promise<Response> {
  const id = requestId(request.headers);
  const started = performance.now();
  const path = segments.join("/");
  const response = await answer(request, path, id, dependencies);
  response.headers.set("x-request-id", id);
  log(response.status >= 500 ? "warning" : "info", "proxy.request", {
    request_id: id,
    method: request.method,
    path: `/${path}`,
    status: response.status,
    duration_ms: Math.round(performance.now() - started),
  });
  return response;
}

async function answer(
  request: Request,
  path: string,
  id: string,
  dependencies: ProxyDependencies,
): Promise<Response> {
  const route = ROUTES.find((known) => known.path.test(path));
  if (!route) return problem(404, "not_found", "There is nothing at this address.");
  if (!route.methods.includes(request.method)) {
    return problem(405, "method_not_allowed", "This address doesn't take that method.", {
      allow: route.methods.join(", "),
    });
  }
  const writes = request.method !== "GET";
  if (writes && !isTrustedWrite(request.headers, dependencies.trustedOrigins)) {
    return problem(403, "untrusted_origin", "This request comes from a site that isn't trusted.");
  }
  const hasBody = METHODS_WITH_BODY.has(request.method) && request.body !== null;
  // A cross-site form can't send this content type, which backs up the check of the origin.
  if (hasBody && !request.headers.get("content-type")?.startsWith("application/json")) {
    return problem(415, "unsupported_media_type", "The body must be application/json.");
  }
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) {
    return problem(413, "body_too_large", "The message is too large.");
  }

  const body = hasBody && request.body ? new RequestBody(request.body) : undefined;
  const cookies: string[] = [];
  let response: Response | null = null;
  // A refused token means that nothing was done.
  for (let attempts = 2; attempts > 0 && response === null; attempts--) {
    let authorization: Authorization | null;
    try {
      authorization = await dependencies.authorize(request.headers);
    } catch (error) {
      log("error", "proxy.session_failed", { request_id: id, ...describeError(error) });
      return problem(503, "session_unavailable", "Your session can't be checked right now.", {
        "retry-after": "2",
      });
    }
    if (!authorization) return problem(401, "not_signed_in", "Sign in to continue.");
    cookies.push(...authorization.cookies);
    const { token } = authorization;
    response = await forward(request, path, { id, token, body, dependencies });
    if (response === null) authorization.discard();
  }
  // The session is good, so signing in again wouldn't help: that is what a 401 from here would mean.
  response ??= problem(503, "token_refused", "The assistant can't tell who you are right now.", {
    "retry-after": "2",
  });
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** What belongs to a request that is passed on. */
interface Passage {
  id: string;
  token: string;
  body: RequestBody | undefined;
  dependencies: ProxyDependencies;
}

/** The back end's answer, or null when it refuses the token. */
async function forward(
  request: Request,
  path: string,
  { id, token, body, dependencies }: Passage,
): Promise<Response | null> {
  const timeouts = { ...TIMEOUTS, ...dependencies.timeouts };
  const timeout = new AbortController();
  const limit = path === "chatkit" ? timeouts.chatResponse : timeouts.response;
  const timer = setTimeout(() => timeout.abort(), limit);

  const headers = new Headers({
    authorization: `Bearer ${token}`,
    "x-request-id": id,
    // Compressed pieces would be held back until a block is full.
    "accept-encoding": "identity",
  });
  for (const name of REQUEST_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }

  const ends = [request.signal, timeout.signal, ...(body ? [body.tooLarge] : [])];
  const signal = AbortSignal.any(ends);
  const url = `${dependencies.backendUrl}/${path}${new URL(request.url).search}`;
  const ask = (): Promise<Response> => {
    const init: RequestInit & { duplex?: "half" } = {
      ...{ method: request.method, headers, signal },
      ...{ cache: "no-store", redirect: "manual" },
      ...(body && { body: body.stream(), duplex: "half" }),
    };
    return (dependencies.fetch ?? fetch)(url, init);
  };

  let upstream: Response;
  try {
    upstream = await askPatiently(ask, (error) => {
      // What may have arrived must not arrive twice; a question may.
      if (signal.aborted || !(request.method === "GET" || isRefused(error))) return false;
      log("info", "proxy.asked_again", { request_id: id, ...describeError(error) });
      return true;
    });
  } catch (error) {
    if (body?.tooLarge.aborted) {
      return problem(413, "body_too_large", "The message is too large.");
    }
    if (timeout.signal.aborted) {
      log("warning", "proxy.timeout", { request_id: id, limit_ms: limit });
      return problem(504, "backend_timeout", "The assistant took too long to answer.");
    }
    if (request.signal.aborted) return new Response(null, { status: 499 });
    log("warning", "proxy.backend_unreachable", { request_id: id, ...describeError(error) });
    return problem(503, "backend_unavailable", "The assistant can't be reached right now.", {
      "retry-after": "2",
    });
  } finally {
    clearTimeout(timer);
  }

  // While the Service has no pods, a network's own proxy may answer in the back end's place.
  if (upstream.headers.get("x-request-id") !== id) {
    await upstream.body?.cancel();
    log("warning", "proxy.foreign_answer", { request_id: id, status: upstream.status });
    return problem(503, "backend_unavailable", "The assistant can't be reached right now.", {
      "retry-after": "2",
    });
  }

  if (upstream.status === 401) {
    await upstream.body?.cancel();
    log("warning", "proxy.token_refused", { request_id: id });
    return null;
  }

  const responseHeaders = new Headers();
  for (const name of RESPONSE_HEADERS) {
    const value = upstream.headers.get(name);
    if (value !== null) responseHeaders.set(name, value);
  }
  const streams = upstream.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  // `no-transform` keeps every hop, this server's compression included, from buffering events.
  responseHeaders.set("cache-control", streams ? "no-cache, no-transform" : "no-store");
  if (streams) responseHeaders.set("x-accel-buffering", "no");
  if (upstream.status >= 300 && upstream.status < 400 && upstream.status !== 304) {
    await upstream.body?.cancel();
    return problem(502, "backend_redirected", "The assistant gave an answer that can't be used.");
  }
  const answered = upstream.body ? relay(upstream.body, timeouts.idle, id, streams) : null;
  return new Response(answered, { status: upstream.status, headers: responseHeaders });
}

/** Asks until there is an answer, as long as its failure allows another time and patience lasts. */
async function askPatiently(
  ask: () => Promise<Response>,
  mayAskAgain: (error: unknown) => boolean,
): Promise<Response> {
  const deadline = performance.now() + PATIENCE.total;
  for (let pause = PATIENCE.pause; ; pause = Math.min(2 * pause, PATIENCE.longestPause)) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() + pause > deadline || !mayAskAgain(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Whether nobody was there to take a request, so that none of it can have been done. */
function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

/** A request's body, which is passed on as it arrives, and from its beginning each time. */
class RequestBody {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  private readonly pieces: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;
  private complete = false;
  private reading: Promise<void> | undefined;
  private readonly excess = new AbortController();

  constructor(source: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.reader = source.getReader();
  }

  /** Aborted once there is more than {@link MAX_BODY_BYTES}. */
  get tooLarge(): AbortSignal {
    return this.excess.signal;
  }

  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let next = 0;
    return new ReadableStream({
      pull: async (controller) => {
        while (next === this.pieces.length && !this.complete) await this.read();
        const piece = this.pieces[next++];
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
  }

  /** Reads a piece, for whichever streams wait for it. */
  private read(): Promise<void> {
    this.reading ??= this.reader
      .read()
      .then(({ done, value }) => {
        if (done) this.complete = true;
        else this.keep(value);
      })
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  }

  private keep(piece: Uint8Array<ArrayBuffer>): void {
    this.size += piece.byteLength;
    if (this.size > MAX_BODY_BYTES) {
      this.excess.abort();
      this.reader.cancel().catch(() => undefined);
      throw new Error("request body too large");
    }
    this.pieces.push(piece);
  }
}

/**
 * The body, piece by piece. It ends early, and the back end is told so, when the reader goes
 * away, when the back end is silent for longer than `idleMs`, or when the server shuts down.
 * Events end in order then; anything else breaks off, as half of it must not pass for the whole.
 */
function relay(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
  id: string,
  events: boolean,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let ended = false;
  let idle: NodeJS.Timeout | undefined;
  let forget = (): void => undefined;

  const finish = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(idle);
    forget();
    return true;
  };
  const stop = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (!finish()) return;
    reader.cancel().catch(() => undefined);
    if (events) controller.close();
    else controller.error(new Error("the answer was cut short"));
  };

  return new ReadableStream<Uint8Array>({
    start(controller) {
      forget = trackStream(() => stop(controller));
    },
    async pull(controller) {
      idle = setTimeout(() => {
        log("warning", "proxy.stream_idle", { request_id: id, limit_ms: idleMs });
        stop(controller);
      }, idleMs);
      try {
        const { done, value } = await reader.read();
        clearTimeout(idle);
        if (ended) return;
        if (!done) controller.enqueue(value);
        else if (finish()) controller.close();
      } catch (error) {
        log("warning", "proxy.stream_broken", { request_id: id, ...describeError(error) });
        if (finish()) controller.error(error);
      }
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason).catch(() => undefined);
    },
  });
}
