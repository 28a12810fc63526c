import { uniqueId } from "../unique-id";
import type { ChatClient } from "./client";

/**
 * A `fetch` for OpenAI's component, whose Stop button does no more than abort the request. The back
 * end takes that for a lost connection and goes on, so each request gets a key, and is stopped by
 * that when it is aborted. Leaving the page aborts nothing.
 */
export function stoppableFetch(stop: ChatClient["stop"]): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const key = uniqueId();
    request.headers.set("idempotency-key", key);
    const onAbort = (): void => void stop(key).catch(() => undefined);
    const forget = (): void => request.signal.removeEventListener("abort", onAbort);
    request.signal.addEventListener("abort", onAbort);
    const response = await fetch(request);
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
