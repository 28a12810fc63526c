import type { ChangeOf, Waiting } from "../outbox/changes";
import type { StreamingRequest, ThreadItem } from "./protocol";

/** One request for an answer, from the first attempt to deliver it until it is answered. */
export interface Turn {
  /** What is sent; null for an answer that was asked for elsewhere and is only listened to. */
  request: StreamingRequest | null;
  /** Under one key the back end acts once, however often the request is sent; null where it isn't known here. */
  key: string | null;
  abort: AbortController;
  /** The message to answer: shown in advance at first, later the back end's copy. */
  messageId: string;
  /** What was the last item when another answer was asked for. */
  before?: string | undefined;
  /** The message as it is kept until it is answered. */
  kept?: Waiting<ChangeOf<"message">> | undefined;
  /** What its message takes the place of; shown again where that doesn't get through. */
  replaced?: readonly ThreadItem[] | undefined;
  /** Attempts that broke off after the back end had accepted them. */
  broken: number;
  /** Attempts that didn't reach the back end. */
  missed: number;
  /** Set once the person wants it to end: resolves to whether the back end knows. */
  stopping?: Promise<boolean> | undefined;
}

/** How often an answer that breaks off is asked for again before the person has to. */
export const MAX_BROKEN = 4;
/** How often a message is sent to a back end that seems to be there and isn't, before the person has to. */
export const MAX_MISSED = 8;
export const RESEND_DELAY_MS = 400;
/** How long the end of a stopped answer is waited for, from the wish on. */
export const STOP_LIMIT_MS = 5_000;

/** A turn for a request. */
export function turnFor(
  request: StreamingRequest | null,
  key: string | null,
  messageId: string,
  kept?: Waiting<ChangeOf<"message">>,
): Turn {
  return { request, key, messageId, kept, abort: new AbortController(), broken: 0, missed: 0 };
}

/** The same turn once more, under the same key: if it was answered after all, that answer comes back. */
export function renewed(turn: Turn): Turn {
  return { ...turn, abort: new AbortController(), broken: 0, missed: 0, stopping: undefined };
}

/** Only messages carry a key, so only they can be sent again without being acted on twice. */
export function isRepeatable(turn: Turn): boolean {
  return turn.request !== null && turn.request.type !== "threads.retry_after_item";
}
