import type { Schema } from "./api/types";

/** Why a request to the back end failed. */
export type FailureKind =
  /** The session is over: signing in again helps. */
  | "signed-out"
  /** Somebody else has signed in, in another tab: nothing was done. */
  | "other-user"
  /** The back end or the way to it is down: trying again later helps. */
  | "unavailable"
  /** The back end is there and didn't manage, or has too much to do: trying again may help. */
  | "failed"
  /** What was asked for doesn't exist (any more). */
  | "not-found"
  /** The request itself was refused. */
  | "rejected";

/** A request to the back end failed. The message is fit for people. */
export class RequestError extends Error {
  override name = "RequestError";
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly status?: number,
    /** How long to wait before asking again, in milliseconds, where the back end says so. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

const UNAVAILABLE = "The assistant can't be reached right now.";

/** How long a plain answer may take, in milliseconds; nobody waits longer for a list or a tick. */
const REQUEST_LIMIT_MS = 20_000;

/** Type of the problem that the server answers with when it was another person's page that asked. */
export const USER_CHANGED = "urn:todo-app:problem:user-changed";

function kindOf(status: number, type: unknown): FailureKind {
  if (type === USER_CHANGED) return "other-user";
  if (status === 401) return "signed-out";
  if (status === 404) return "not-found";
  if (status >= 502 && status <= 504) return "unavailable";
  if (status === 429 || status >= 500) return "failed";
  return "rejected";
}

/** Path prefix under which this site passes requests on to the back end. */
const PREFIX = "/api/backend";

/** Names the person whom the page believes to be signed in; the server refuses it for anybody else. */
export const EXPECTED_USER_HEADER = "x-expected-user";

export interface BackendRequest extends RequestInit {
  /** How long the answer may take, in milliseconds, its body included unless it is a stream. */
  limitMs?: number;
  /** The answer is a stream: the limit is for its beginning only. */
  streams?: boolean;
}

/**
 * Fetches a path of the back end.
 * @throws RequestError for anything but a 2xx answer; an abort by the caller rejects as `fetch` does.
 */
export type BackendFetch = (path: string, init?: BackendRequest) => Promise<Response>;

/** The way to the back end for one person's page. */
export function backendOf(userId: string): BackendFetch {
  return async (path, { limitMs = REQUEST_LIMIT_MS, streams = false, ...init } = {}) => {
    const abort = new AbortController();
    const end = (): void => abort.abort();
    const timer = setTimeout(end, limitMs);
    // AbortSignal.any isn't in Safari before 17.4.
    if (init.signal?.aborted) end();
    init.signal?.addEventListener("abort", end, { once: true });
    try {
      const response = await fetch(`${PREFIX}${path}`, {
        ...init,
        signal: abort.signal,
        headers: {
          [EXPECTED_USER_HEADER]: userId,
          ...(init.body === undefined ? {} : { "content-type": "application/json" }),
          ...init.headers,
        },
      });
      if (!response.ok) throw await failure(response);
      const { status, headers } = response;
      // A café's network, or a company's, answers in the back end's place with a page of its own.
      if (/^text\/html\b/i.test(headers.get("content-type") ?? "")) {
        throw new RequestError("unavailable", UNAVAILABLE);
      }
      if (streams) return response;
      // A connection may also fall silent in the middle of an answer.
      return new Response(status === 204 ? null : await response.arrayBuffer(), {
        status,
        headers,
      });
    } catch (error) {
      if (error instanceof RequestError || init.signal?.aborted) throw error;
      throw new RequestError("unavailable", UNAVAILABLE);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function failure(response: Response): Promise<RequestError> {
  const body: unknown = await response.json().catch(() => null);
  const { type, detail, message } = (
    typeof body === "object" && body !== null ? body : {}
  ) as Partial<Record<keyof Schema<"ProblemDetails"> | "message", unknown>>;
  const kind = kindOf(response.status, type);
  const told = [detail, message].find((text): text is string => typeof text === "string");
  const otherwise = kind === "unavailable" ? UNAVAILABLE : "That didn't work.";
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  return new RequestError(kind, told ?? otherwise, response.status, retryAfterMs);
}
