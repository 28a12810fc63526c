import { backendFetch, RequestError } from "../http";
import type { PlainRequests, StreamingRequest, ThreadEvent } from "./protocol";
import { readEvents } from "./sse";

/** Talks the ChatKit protocol to the back end. */
export interface ChatClient {
  /** Sends a request that is answered at once. */
  request<K extends keyof PlainRequests>(
    type: K,
    params: PlainRequests[K]["params"],
  ): Promise<PlainRequests[K]["result"]>;
  /**
   * Sends a request that is answered event by event. Resolves when the back end has accepted it.
   * A repeated `key` never makes the back end act twice.
   */
  stream(
    request: StreamingRequest,
    key: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ThreadEvent>>;
  /**
   * Ends the answer to the request that was sent with `key`; its events come to an end soon after.
   * Aborting `stream` doesn't: the back end takes that for a lost connection, and goes on.
   */
  stop(key: string): Promise<void>;
}

const PATH = "/chatkit";

/** Sent along so that the back end knows what "tomorrow" means here. */
function metadata(): { timezone?: string } {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return timezone ? { timezone } : {};
}

async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<ThreadEvent> {
  for await (const data of readEvents(body)) yield JSON.parse(data) as ThreadEvent;
}

/** The client over this site's own proxy. */
export const chatClient: ChatClient = {
  async request(type, params) {
    const response = await backendFetch(PATH, {
      method: "POST",
      body: JSON.stringify({ type, params, metadata: metadata() }),
    });
    return response.json();
  },
  async stream(request, key, signal) {
    const response = await backendFetch(PATH, {
      method: "POST",
      headers: { accept: "text/event-stream", "idempotency-key": key },
      body: JSON.stringify({ ...request, metadata: metadata() }),
      signal,
    });
    if (!response.body) throw new RequestError("unavailable", "The answer was empty.");
    return parse(response.body);
  },
  async stop(key) {
    await backendFetch(`${PATH}/stop`, {
      method: "POST",
      body: JSON.stringify({ idempotency_key: key }),
    });
  },
};
