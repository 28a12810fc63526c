import { USER_CHANGED } from "../http";
import { uniqueId } from "../unique-id";
import type { ChatClient } from "./client";

export interface StoppableFetchOptions {
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  stop: ChatClient["stop"];
  /** What every request's `metadata` has beside its own. */
  metadata: () => object;
  /** The session has ended. */
  onSignedOut: () => void;
  /** Somebody else has signed in, in another tab: nothing was done. */
  onOtherUser: () => void;
  /** The back end or the way to it is down. */
  onUnavailable: () => void;
}

/**
 * A `fetch` for OpenAI's component, whose Stop button does no more than abort the request. The back
 * end takes that for a lost connection and goes on, so each request gets a key, and is stopped by
 * that when it is aborted. Leaving the page aborts nothing. What the component has no way to help
 * with is told to the page.
 */
export function stoppableFetch(options: StoppableFetchOptions): typeof fetch {
  return async (input, init) => {
    const { body } = init ?? {};
    const told = typeof body === "string" ? { body: withMetadata(body, options.metadata()) } : {};
    const request = new Request(input, { ...init, ...told });
    const key = uniqueId();
    request.headers.set("idempotency-key", key);
    for (const [name, value] of Object.entries(options.headers)) request.headers.set(name, value);
    const onAbort = (): void => void options.stop(key).catch(() => undefined);
    const forget = (): void => request.signal.removeEventListener("abort", onAbort);
    request.signal.addEventListener("abort", onAbort);
    let response: Response;
    try {
      response = await fetch(request);
    } catch (error) {
      forget();
      if (!request.signal.aborted) options.onUnavailable();
      throw error;
    }
    if (response.status === 401) options.onSignedOut();
    if (response.status === 409 && (await isOfOtherUser(response.clone()))) options.onOtherUser();
    if (response.status >= 502 && response.status <= 504) options.onUnavailable();
    if (!response.body) {
      forget();
      return response;
    }
    return new Response(
      response.body.pipeThrough(new TransformStream({ flush: forget })),
      response,
    );
  };
}

function withMetadata(body: string, metadata: object): string {
  const request = JSON.parse(body) as { metadata?: object };
  return JSON.stringify({ ...request, metadata: { ...metadata, ...request.metadata } });
}

async function isOfOtherUser(response: Response): Promise<boolean> {
  const problem: { type?: unknown } | null = await response.json().catch(() => null);
  return problem?.type === USER_CHANGED;
}
