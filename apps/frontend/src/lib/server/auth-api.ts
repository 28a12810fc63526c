import type { z } from "zod";
import { EXPECTED_USER_HEADER } from "../http";
import { noFields, signInFields, signUpFields } from "./auth-fields";
import { type CookieNames, withAdoptedSession } from "./cookies";
import type { DeviceCookies } from "./device-cookie";
import { isForAnotherUser } from "./expected-user";
import { readLimited } from "./limited-body";
import { describeError, log } from "./log";
import { isTrustedWrite } from "./origins";
import { type Problem, problemResponse } from "./problem";
import { requestId } from "./request-id";
import { normalizeEmail, type SignInLimits, type Verdict } from "./sign-in-limits";

/** What signing in and out needs from its surroundings; tests bring their own. */
export interface AuthApiDependencies {
  /** Better Auth's own answer. */
  handler(request: Request): Promise<Response>;
  /** The id of the user that the headers' session belongs to, if any. */
  userOf(headers: Headers): Promise<string | undefined>;
  /** The URL people open, without a trailing slash. */
  publicUrl: string;
  /** Origins that may sign in and write, the public URL's first. */
  trustedOrigins: readonly string[];
  cookies: CookieNames;
  devices: Pick<DeviceCookies, "known" | "issue">;
  limits: Pick<SignInLimits, "signIn" | "signUp">;
  /** Where a request comes from. */
  addressOf(headers: Headers): string;
}

/** Largest body that is taken, in bytes: several times what the longest fields come to. */
export const MAX_AUTH_BODY_BYTES = 16 * 1024;

interface Endpoint {
  method: "GET" | "POST";
  fields?: z.ZodType<Record<string, unknown>>;
}

/**
 * All of Better Auth that can be reached from outside. In particular nobody gets the token for the back end
 * (`/token`): it would be worth something after a sign-out, and to whoever puts a script into the page.
 */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "get-session": { method: "GET" },
  jwks: { method: "GET" },
  "sign-in/email": { method: "POST", fields: signInFields },
  "sign-up/email": { method: "POST", fields: signUpFields },
  "sign-out": { method: "POST", fields: noFields },
  "revoke-sessions": { method: "POST", fields: noFields },
};

/** Answers a request for `/api/auth/<path>`: checks it before anything is parsed, then asks Better Auth. */
export async function answerAuthRequest(
  request: Request,
  path: string,
  dependencies: AuthApiDependencies,
): Promise<Response> {
  const id = requestId(request.headers);
  const answer = await answerRequest(request, path, dependencies).catch(
    (error: unknown): Problem => {
      // Whoever sent the request has hung up in the middle of it; nobody reads this.
      if (request.signal.aborted) return { status: 400, slug: "bad-request", detail: "Cut short." };
      log("error", "auth.failed", { request_id: id, path, ...describeError(error) });
      const detail = "Signing in isn't possible right now. Try again in a moment.";
      return { status: 503, slug: "unavailable", detail, headers: { "retry-after": "2" } };
    },
  );
  if (answer instanceof Response) return answer;
  const instance = new URL(request.url, dependencies.publicUrl).pathname;
  return problemResponse(answer, { instance, requestId: id });
}

async function answerRequest(
  request: Request,
  path: string,
  dependencies: AuthApiDependencies,
): Promise<Response | Problem> {
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (!endpoint) {
    return { status: 404, slug: "not-found", detail: "There is nothing at this address." };
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== endpoint.method) {
    const detail = "This address doesn't take that method.";
    const headers = { allow: endpoint.method };
    return { status: 405, slug: "method-not-allowed", detail, headers };
  }
  const headers = withAdoptedSession(request.headers, dependencies.cookies);
  if (!endpoint.fields) {
    const { search } = new URL(request.url);
    return send(new Request(urlOf(path, dependencies) + search, { headers }), dependencies);
  }

  if (!isTrustedWrite(headers, dependencies.trustedOrigins)) {
    const detail = "This request comes from a site that isn't trusted.";
    return { status: 403, slug: "untrusted-origin", detail, extra: { code: "INVALID_ORIGIN" } };
  }
  const text = await readLimited(request, MAX_AUTH_BODY_BYTES);
  if (text === null) {
    const detail = `The body must not be larger than ${MAX_AUTH_BODY_BYTES} bytes.`;
    return { status: 413, slug: "content-too-large", detail };
  }
  if (text && !headers.get("content-type")?.startsWith("application/json")) {
    const detail = "The body must be application/json.";
    return { status: 415, slug: "unsupported-media-type", detail };
  }
  const address = dependencies.addressOf(headers);
  // What isn't acceptable counts as well: it is asked for all the same.
  const leave = path === "sign-up/email" ? await dependencies.limits.signUp(address) : undefined;
  if (leave?.allowed === false) return refused(leave, { path, address });

  const parsed = endpoint.fields.safeParse(parse(text));
  if (!parsed.success) return invalid(parsed.error);
  const sent = (): Promise<Response | Problem> =>
    send(toRequest(path, headers, parsed.data, dependencies), dependencies);

  switch (path) {
    case "sign-in/email":
      return signIn(String(parsed.data.email), { headers, address, sent }, dependencies);
    case "sign-up/email":
      return withDevice(await sent(), String(parsed.data.email), dependencies);
    default:
      return signOut({ headers, adopted: headers !== request.headers, sent }, dependencies);
  }
}

async function signIn(
  email: string,
  {
    headers,
    address,
    sent,
  }: { headers: Headers; address: string; sent: () => Promise<Response | Problem> },
  dependencies: AuthApiDependencies,
): Promise<Response | Problem> {
  const device = dependencies.devices.known(headers, normalizeEmail(email));
  const verdict = await dependencies.limits.signIn({ email, address, device });
  if (!verdict.allowed) return refused(verdict, { path: "sign-in/email", address });
  let answer: Response | Problem;
  try {
    answer = await sent();
  } catch (error) {
    await verdict.succeeded().catch(() => undefined);
    throw error;
  }
  if (answer.status === 401) {
    log("info", "auth.wrong_password", { address, known_device: device !== undefined });
  } else await verdict.succeeded();
  return device ? answer : withDevice(answer, email, dependencies);
}

/** Ends sessions, of the person whom the page was made for only. */
async function signOut(
  {
    headers,
    adopted,
    sent,
  }: { headers: Headers; adopted: boolean; sent: () => Promise<Response | Problem> },
  { cookies, userOf }: AuthApiDependencies,
): Promise<Response | Problem> {
  const userId = headers.has(EXPECTED_USER_HEADER) ? await userOf(headers) : undefined;
  if (userId !== undefined && isForAnotherUser(headers, userId)) {
    const detail = "Somebody else has signed in with this browser. Load the page anew.";
    return { status: 409, slug: "user-changed", detail };
  }
  const answer = await sent();
  // A session that was taken over from the shared name ends under that name too.
  if (adopted && answer instanceof Response) {
    const secure = cookies.sharedSession.startsWith("__Secure-") ? "; Secure" : "";
    const ended = `${cookies.sharedSession}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${secure}`;
    answer.headers.append("set-cookie", ended);
  }
  return answer;
}

function withDevice(
  answer: Response | Problem,
  email: string,
  { devices }: AuthApiDependencies,
): Response | Problem {
  if (answer instanceof Response) {
    answer.headers.append("set-cookie", devices.issue(normalizeEmail(email)));
  }
  return answer;
}

function urlOf(path: string, { publicUrl }: AuthApiDependencies): string {
  return `${publicUrl}/api/auth/${path}`;
}

function toRequest(
  path: string,
  received: Headers,
  body: Record<string, unknown>,
  dependencies: AuthApiDependencies,
): Request {
  const headers = new Headers(received);
  for (const name of ["content-length", "transfer-encoding"]) headers.delete(name);
  headers.set("content-type", "application/json");
  return new Request(urlOf(path, dependencies), {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
}

function parse(text: string): unknown {
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Better Auth's answer, or its error as a problem, with what it says of itself in further members. */
async function send(
  request: Request,
  { handler }: AuthApiDependencies,
): Promise<Response | Problem> {
  const response = await handler(request);
  if (response.ok) return new Response(response.body, response);
  const body: unknown = await response.json().catch(() => undefined);
  const { code, message } = (typeof body === "object" && body !== null ? body : {}) as {
    code?: unknown;
    message?: unknown;
  };
  const { status } = response;
  if (status >= 500) log("error", "auth.failed", { status, code: String(code ?? "unknown") });
  return {
    status,
    slug: SLUGS[status] ?? (status >= 500 ? "unavailable" : "bad-request"),
    detail: typeof message === "string" ? message : "That didn't work.",
    extra: {
      ...(typeof code === "string" && { code }),
      ...(typeof message === "string" && { message }),
    },
  };
}

const SLUGS: Readonly<Record<number, string>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  422: "validation",
  429: "rate-limited",
};

function invalid(error: z.ZodError): Problem {
  const errors = error.issues.map(({ path, message }) => ({
    name: ["body", ...path].join("."),
    reason: message,
  }));
  const message = errors[0]?.reason ?? "The body can't be understood.";
  const extra = { code: "VALIDATION_ERROR", message, errors };
  return { status: 400, slug: "validation", detail: message, extra };
}

function refused(
  { retryAfterSeconds }: Extract<Verdict, { allowed: false }>,
  { path, address }: { path: string; address: string },
): Problem {
  log("warning", "auth.too_many_attempts", { path, address, retry_after: retryAfterSeconds });
  const detail = `Too many attempts. Try again in ${inWords(retryAfterSeconds)}.`;
  const headers = { "retry-after": String(retryAfterSeconds) };
  const extra = { code: "TOO_MANY_ATTEMPTS", message: detail };
  return { status: 429, slug: "rate-limited", detail, headers, extra };
}

/** A time to wait, rounded up so that it is enough. */
export function inWords(seconds: number): string {
  const [amount, unit] = seconds <= 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}
