import { describe, expect, it } from "vitest";
import { traceContext } from "./trace-context";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe("traceContext", () => {
  it("passes on the caller's trace as it came, with what belongs to it", () => {
    const received = { traceparent: PARENT, tracestate: "rojo=1", "x-request-id": "request-1" };
    expect(traceContext(new Headers(received))).toEqual({
      requestId: "request-1",
      traceId: TRACE,
      headers: received,
    });
  });

  it("takes later versions, which may say more", () => {
    const traceparent = `01-${TRACE}-00f067aa0ba902b7-01-more`;
    expect(traceContext(new Headers({ traceparent })).headers.traceparent).toBe(traceparent);
  });

  it("begins a trace where there is none, another for each request", () => {
    const made = [traceContext(new Headers()), traceContext(new Headers())];
    for (const { traceId, headers } of made) {
      expect(headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    }
    expect(new Set(made.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it.each([
    ["nonsense", "nonsense"],
    ["no version", `ff-${TRACE}-00f067aa0ba902b7-01`],
    ["no trace", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
    ["no parent", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["capitals", PARENT.toUpperCase()],
    ["more than its version has", `${PARENT}-more`],
    ["a novel", `01-${TRACE}-00f067aa0ba902b7-01-${"x".repeat(512)}`],
  ])("begins a new one instead of %s, without what belonged to that", (_, traceparent) => {
    const { traceId, headers } = traceContext(new Headers({ traceparent, tracestate: "rojo=1" }));
    expect(traceId).not.toBe(TRACE);
    expect(headers.traceparent).toMatch(new RegExp(`^00-${traceId}-`));
    expect(headers).not.toHaveProperty("tracestate");
  });
});
