import { randomBytes } from "node:crypto";
import { requestId } from "./request-id";

/** What a request carries from service to service, so that one id finds all of its log lines. */
export interface TraceContext {
  /** `x-request-id`, the caller's or a new one. */
  requestId: string;
  /** Of `traceparent`: 32 hexadecimal digits. */
  traceId: string;
  /** To send along to the next service. */
  headers: Readonly<Record<string, string>>;
}

/** Version, trace, parent and flags; later versions may go on after these. https://www.w3.org/TR/trace-context/ */
const TRACEPARENT =
  /^(?!ff)(?<version>[0-9a-f]{2})-(?!0{32})(?<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?<more>-.*)?$/;
/** In characters: what of the two headers has to be passed on, and more than anybody sends. */
const LONGEST = 512;

/**
 * The caller's trace as it came, else a new one. This server reports no spans of its own, so the caller
 * stays the parent; a `tracestate` belongs to the `traceparent` beside it, and goes where that is made anew.
 */
export function traceContext(received: Headers): TraceContext {
  const id = requestId(received);
  const given = received.get("traceparent") ?? "";
  const { version, trace, more } = TRACEPARENT.exec(given)?.groups ?? {};
  const complete = given.length <= LONGEST && !(version === "00" && more !== undefined);
  if (trace !== undefined && complete) {
    const state = received.get("tracestate");
    const headers = { "x-request-id": id, traceparent: given };
    const whole = state !== null && state.length <= LONGEST;
    return {
      requestId: id,
      traceId: trace,
      headers: whole ? { ...headers, tracestate: state } : headers,
    };
  }
  const made = randomBytes(16).toString("hex");
  const traceparent = `00-${made}-${randomBytes(8).toString("hex")}-01`;
  return { requestId: id, traceId: made, headers: { "x-request-id": id, traceparent } };
}
