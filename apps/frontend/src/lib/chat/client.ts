import type { Schema } from "../api/types";
import { type BackendFetch, RequestError } from "../http";
import { TASK_SORTS } from "../tasks/client";
import type { TaskOrder } from "../tasks/views";
import type {
  PlainRequests,
  StreamingRequest,
  ThreadEvent,
  ThreadMetadata,
  TurnStatus,
} from "./protocol";
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
  /** Takes the deletion of a conversation back, which is possible for a day. */
  restore(threadId: string): Promise<ThreadMetadata>;
  /** Brings back what a message has replaced, which is possible for a day. */
  revert(threadId: string, messageId: string): Promise<void>;
  /** Tells what a conversation is at. */
  turn(threadId: string): Promise<TurnStatus>;
  /** Listens to the answer that is under way in a conversation, from its beginning. */
  follow(threadId: string, signal: AbortSignal): Promise<AsyncIterable<ThreadEvent>>;
  /**
   * Ends the answer to the request that was sent with `key`; its events come to an end soon after.
   * Aborting `stream` doesn't: the back end takes that for a lost connection, and goes on.
   */
  stop(key: string): Promise<void>;
}

const PATH = "/chatkit";

/**
 * How long a stream may be silent, in milliseconds. The back end says something every 15 s, if only
 * that it is there: after two missed signs the line is dead, whatever the browser believes.
 */
export const SILENCE_LIMIT_MS = 32_000;

/** Sent along so that the back end knows what "tomorrow" and "the first one" mean here. */
function metadata(order: TaskOrder): { timezone?: string; task_sort: string } {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { ...(timezone ? { timezone } : {}), task_sort: TASK_SORTS[order] };
}

/** The same for a message, which may mean what is on the screen. */
export function messageMetadata(order: TaskOrder, onScreen: readonly string[]): object {
  return { ...metadata(order), ...(onScreen.length > 0 ? { on_screen: onScreen } : {}) };
}

async function* parse(response: Response): AsyncGenerator<ThreadEvent> {
  if (!response.body) throw new RequestError("unavailable", "The answer was empty.");
  for await (const data of readEvents(response.body, SILENCE_LIMIT_MS)) {
    yield JSON.parse(data) as ThreadEvent;
  }
}

/**
 * The client over this site's own proxy.
 * @param taskOrder tells in which order the page lists the tasks
 * @param onScreen tells which of them it shows, by their ids, where that is a selection
 */
export function chatClientOf(
  backend: BackendFetch,
  taskOrder: () => TaskOrder,
  onScreen: () => readonly string[],
): ChatClient {
  const streaming = { streams: true, limitMs: SILENCE_LIMIT_MS } as const;
  const conversationPath = (threadId: string): string =>
    `/api/conversations/${encodeURIComponent(threadId)}`;
  const turnPath = (threadId: string): string => `${conversationPath(threadId)}/turn`;
  return {
    async request(type, params) {
      const response = await backend(PATH, {
        method: "POST",
        body: JSON.stringify({ type, params, metadata: metadata(taskOrder()) }),
      });
      return response.json();
    },
    async stream(request, key, signal) {
      const response = await backend(PATH, {
        ...streaming,
        method: "POST",
        headers: { accept: "text/event-stream", "idempotency-key": key },
        body: JSON.stringify({
          ...request,
          metadata: { ...messageMetadata(taskOrder(), onScreen()), ...request.metadata },
        }),
        signal,
      });
      return parse(response);
    },
    async restore(threadId) {
      const response = await backend(`${conversationPath(threadId)}/restore`, { method: "POST" });
      const conversation: Schema<"ConversationRead"> = await response.json();
      return conversation;
    },
    async revert(threadId, messageId) {
      const message = `messages/${encodeURIComponent(messageId)}`;
      await backend(`${conversationPath(threadId)}/${message}/revert`, { method: "POST" });
    },
    async turn(threadId) {
      return (await backend(turnPath(threadId))).json();
    },
    async follow(threadId, signal) {
      const response = await backend(`${turnPath(threadId)}/events`, {
        ...streaming,
        headers: { accept: "text/event-stream" },
        signal,
      });
      return parse(response);
    },
    async stop(key) {
      await backend(`${PATH}/stop`, {
        method: "POST",
        body: JSON.stringify({ idempotency_key: key } satisfies Schema<"StopRequest">),
      });
    },
  };
}
