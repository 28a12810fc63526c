import { trackStream } from "../lifecycle";
import { describeError, log } from "../log";

/** What a body that is passed on needs to know of itself. */
export interface RelayOptions {
  /** Longest time between two pieces, and longest time that the reader may take for one, in milliseconds. */
  idleMs: number;
  /** The request's id, for the log. */
  requestId: string;
  /** Whether the body is a stream of events. */
  events: boolean;
}

/**
 * The body, piece by piece. It ends early, and the back end is told so, when the reader goes away or stops
 * reading, when the back end is silent for too long, or, where it is a stream of events, when the server shuts
 * down. Events end in order then; anything else breaks off, as half of it must not pass for the whole.
 */
export function relay(
  body: ReadableStream<Uint8Array>,
  { idleMs, requestId, events }: RelayOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let forget = (): void => undefined;

  const finish = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(timer);
    forget();
    return true;
  };
  const stop = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (!finish()) return;
    reader.cancel().catch(() => undefined);
    if (events) controller.close();
    else controller.error(new Error("the answer was cut short"));
  };
  const limit = (event: string, controller: ReadableStreamDefaultController<Uint8Array>): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      log("warning", event, { request_id: requestId, limit_ms: idleMs });
      stop(controller);
    }, idleMs);
  };

  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Any other answer is short: a server that shuts down waits for it.
      if (events) forget = trackStream(() => stop(controller));
    },
    async pull(controller) {
      limit("proxy.stream_idle", controller);
      try {
        const { done, value } = await reader.read();
        clearTimeout(timer);
        if (ended) return;
        if (done) {
          if (finish()) controller.close();
          return;
        }
        controller.enqueue(value);
        // Nothing more is asked of the back end until the reader has taken this.
        limit("proxy.reader_idle", controller);
      } catch (error) {
        if (!finish()) return;
        log("warning", "proxy.stream_broken", { request_id: requestId, ...describeError(error) });
        controller.error(error);
      }
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason).catch(() => undefined);
    },
  });
}
