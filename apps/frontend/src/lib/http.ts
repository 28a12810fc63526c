/** Why a request to the back end failed. */
export type FailureKind =
  /** The session is over: signing in again helps. */
  | "signed-out"
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
  ) {
    super(message);
  }
}

const UNAVAILABLE = "The assistant can't be reached right now.";

function kindOf(status: number): FailureKind {
  if (status === 401) return "signed-out";
  if (status === 404) return "not-found";
  if (status >= 502 && status <= 504) return "unavailable";
  if (status === 429 || status >= 500) return "failed";
  return "rejected";
}

async function describe(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null) return undefined;
    const { detail, message } = body as { detail?: unknown; message?: unknown };
    if (typeof detail === "string") return detail;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Path prefix under which this site passes requests on to the back end. */
const PREFIX = "/api/backend";

/**
 * Fetches `path` of the back end.
 * @throws RequestError for anything but a 2xx answer; an abort rejects as `fetch` does.
 */
export async function backendFetch(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${PREFIX}${path}`, {
      ...init,
      headers: {
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...init.headers,
      },
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError("unavailable", UNAVAILABLE);
  }
  if (response.ok) return response;
  const kind = kindOf(response.status);
  const detail = await describe(response);
  throw new RequestError(
    kind,
    detail ?? (kind === "unavailable" ? UNAVAILABLE : "That didn't work."),
    response.status,
  );
}
