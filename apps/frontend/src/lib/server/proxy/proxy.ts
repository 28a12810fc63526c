import { isForAnotherUser } from "../expected-user";
import { describeError, log } from "../log";
import { isTrustedWrite } from "../origins";
import { type Problem, problemResponse } from "../problem";
import { type TraceContext, traceContext } from "../trace-context";
import { relay } from "./relay";
import { MAX_BODY_BYTES, RequestBody } from "./request-body";
import { ROUTES, type Route } from "./routes";

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

/** Somebody's leave to ask the back end. */
export interface Authorization {
  /** Whom the session belongs to. */
  userId: string;
  /** What the back end takes for that. */
  token: string;
  /** `Set-Cookie` values that extend the session in the browser. */
  cookies: string[];
  /** Has the next authorization bring a new token, as the back end refuses this one. */
  discard(): void;
}

/** In milliseconds: until the back end's answer begins, and between two pieces of its body. */
export const TIMEOUTS = { response: 15_000, chatResponse: 60_000, idle: 120_000 };

/**
 * In milliseconds: how long to go on asking when a pod of the back end has just died or become ready, which
 * a node's routes follow within a second or two, or four where it is busy; how long to pause at first and at most.
 */
const PATIENCE = { total: 4000, pause: 50, longestPause: 250 };

const RETRY_SOON = { "retry-after": "2" };
const TOO_LARGE: Problem = {
  status: 413,
  slug: "content-too-large",
  detail: "The message is too large.",
};
const UNAVAILABLE: Problem = {
  status: 503,
  slug: "backend-unavailable",
  detail: "The assistant can't be reached right now.",
  headers: RETRY_SOON,
};

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

/** Passes one request on to the back end as the signed-in user and streams the answer back. */
export async function proxyRequest(
  request: Request,
  segments: readonly string[],
  dependencies: ProxyDependencies,
): Promise<Response> {
  const trace = traceContext(request.headers);
  const { requestId: id, traceId } = trace;
  const started = performance.now();
  const path = segments.join("/");
  const answer = await answerRequest(request, path, trace, dependencies);
  const context = { instance: new URL(request.url).pathname, requestId: id };
  const response = answer instanceof Response ? answer : problemResponse(answer, context);
  response.headers.set("x-request-id", id);
  log(response.status >= 500 ? "warning" : "info", "proxy.request", {
    request_id: id,
    trace_id: traceId,
    method: request.method,
    path: `/${path}`,
    status: response.status,
    duration_ms: Math.round(performance.now() - started),
  });
  return response;
}

/** Why a request is refused whatever it asks for, or the route that it takes. */
function check(
  { method, headers }: Request,
  path: string,
  trustedOrigins: readonly string[],
): Problem | Route {
  const route = ROUTES.find((known) => known.path.test(path));
  if (!route) {
    return { status: 404, slug: "not-found", detail: "There is nothing at this address." };
  }
  if (!route.methods.includes(method)) {
    const detail = "This address doesn't take that method.";
    const allow = route.methods.join(", ");
    return { status: 405, slug: "method-not-allowed", detail, headers: { allow } };
  }
  if (method !== "GET" && !isTrustedWrite(headers, trustedOrigins)) {
    const detail = "This request comes from a site that isn't trusted.";
    return { status: 403, slug: "untrusted-origin", detail };
  }
  // A cross-site form can't send this content type, which backs up the check of the origin.
  if (hasBody({ method, headers }) && !isJson(headers)) {
    const detail = "The body must be application/json.";
    return { status: 415, slug: "unsupported-media-type", detail };
  }
  if (Number(headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return TOO_LARGE;
  return route;
}

function hasBody({ method, headers }: Pick<Request, "method" | "headers">): boolean {
  return METHODS_WITH_BODY.has(method) && headers.get("content-length") !== "0";
}

function isJson(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("application/json") ?? false;
}

async function answerRequest(
  request: Request,
  path: string,
  trace: TraceContext,
  dependencies: ProxyDependencies,
): Promise<Response | Problem> {
  const { requestId: id } = trace;
  const route = check(request, path, dependencies.trustedOrigins);
  if ("status" in route) return route;

  const body = hasBody(request) && request.body ? new RequestBody(request.body) : undefined;
  const cookies: string[] = [];
  let response: Response | Problem | null = null;
  // A refused token means that nothing was done.
  for (let attempts = 2; attempts > 0 && response === null; attempts--) {
    let authorization: Authorization | null;
    try {
      authorization = await dependencies.authorize(request.headers);
    } catch (error) {
      log("error", "proxy.session_failed", { request_id: id, ...describeError(error) });
      const detail = "Your session can't be checked right now.";
      return { status: 503, slug: "session-unavailable", detail, headers: RETRY_SOON };
    }
    if (!authorization) {
      return { status: 401, slug: "unauthorized", detail: "Sign in to continue." };
    }
    if (isForAnotherUser(request.headers, authorization.userId)) {
      log("info", "proxy.user_changed", { request_id: id });
      const detail = "Somebody else has signed in with this browser. Load the page anew.";
      return { status: 409, slug: "user-changed", detail };
    }
    cookies.push(...authorization.cookies);
    const { token } = authorization;
    response = await forward(request, path, { trace, token, body, route, dependencies });
    if (response === null) authorization.discard();
  }
  if (response === null) {
    // The session is good, so signing in again wouldn't help: that is what a 401 from here would mean.
    const detail = "The assistant can't tell who you are right now.";
    return { status: 503, slug: "token-refused", detail, headers: RETRY_SOON };
  }
  if (response instanceof Response) {
    for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  }
  return response;
}

/** What belongs to a request that is passed on. */
interface Passage {
  trace: TraceContext;
  token: string;
  body: RequestBody | undefined;
  route: Route;
  dependencies: ProxyDependencies;
}

/** The back end's answer, or null when it refuses the token. */
async function forward(
  request: Request,
  path: string,
  { trace, token, body, route, dependencies }: Passage,
): Promise<Response | Problem | null> {
  const { requestId: id } = trace;
  const timeouts = { ...TIMEOUTS, ...dependencies.timeouts };
  const timeout = new AbortController();
  const limit = route.streams ? timeouts.chatResponse : timeouts.response;
  const timer = setTimeout(() => timeout.abort(), limit);

  const headers = new Headers({
    authorization: `Bearer ${token}`,
    ...trace.headers,
    // Compressed pieces would be held back until a block is full.
    "accept-encoding": "identity",
  });
  for (const name of REQUEST_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }

  // A write that has arrived is done, also for somebody who leaves the page at once.
  const isWrite = request.method !== "GET" && !route.streams;
  const ends = [
    ...(isWrite ? [] : [request.signal]),
    ...[timeout.signal, ...(body ? [body.tooLarge] : [])],
  ];
  const signal = AbortSignal.any(ends);
  const url = `${dependencies.backendUrl}/${path}${new URL(request.url).search}`;
  const ask = async (): Promise<Response> => {
    const init: RequestInit & { duplex?: "half" } = {
      ...{ method: request.method, headers, signal },
      ...{ cache: "no-store", redirect: "manual" },
      ...(body && { body: body.stream(), duplex: "half" }),
    };
    const answer = await (dependencies.fetch ?? fetch)(url, init);
    if (answer.headers.get("x-request-id") === id) return answer;
    await answer.body?.cancel();
    // Kept alive, the connection would lead there again, for as long as it is asked.
    headers.set("connection", "close");
    throw new ForeignAnswer(answer.status);
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
    if (body?.tooLarge.aborted) return TOO_LARGE;
    if (timeout.signal.aborted) {
      log("warning", "proxy.timeout", { request_id: id, limit_ms: limit });
      const detail = "The assistant took too long to answer.";
      return { status: 504, slug: "backend-timeout", detail };
    }
    if (request.signal.aborted) return new Response(null, { status: 499 });
    log("warning", "proxy.backend_unreachable", { request_id: id, ...describeError(error) });
    return UNAVAILABLE;
  } finally {
    clearTimeout(timer);
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
    const detail = "The assistant gave an answer that can't be used.";
    return { status: 502, slug: "backend-redirected", detail };
  }
  const answered = upstream.body
    ? relay(upstream.body, { idleMs: timeouts.idle, requestId: id, events: streams })
    : null;
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

/**
 * An answer that doesn't name the request, so it isn't the back end's. While the Service has no pods, and for
 * a moment when it gets some, a request may leave the cluster, and a network's own proxy answers.
 */
class ForeignAnswer extends Error {
  constructor(readonly status: number) {
    super(`an answer that isn't the back end's: ${status}`);
  }
}

/** Whether nobody was there to take a request, so that none of it can have been done. */
function isRefused(error: unknown): boolean {
  // A proxy on the way says 502 to 504 where it may have passed the request on.
  if (error instanceof ForeignAnswer) return error.status < 500;
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}
