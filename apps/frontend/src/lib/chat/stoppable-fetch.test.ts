import { afterEach, describe, expect, it, vi } from "vitest";
import { stoppableFetch } from "./stoppable-fetch";

const URL = "http://todo.example/api/backend/chatkit";

/** A back end that says one thing, and more when the test wants it to. */
function talking() {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      stream = controller;
      controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
    },
  });
  const sent: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(request);
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  return { sent, end: () => stream?.close() };
}

describe("stoppableFetch", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("stops what it started when the request is aborted", async () => {
    const stop = vi.fn(async () => undefined);
    const { sent } = talking();
    const controller = new AbortController();
    const response = await stoppableFetch(stop)(URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: controller.signal,
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe("data: 1\n\n");
    expect(stop).not.toHaveBeenCalled();

    controller.abort();
    expect(stop).toHaveBeenCalledExactlyOnceWith(sent[0]?.headers.get("idempotency-key"));
    expect(sent[0]?.headers.get("content-type")).toBe("application/json");
    expect(await sent[0]?.text()).toBe("{}");
  });

  it("has nothing to stop once all has been said", async () => {
    const stop = vi.fn(async () => undefined);
    const { end } = talking();
    const controller = new AbortController();
    const response = await stoppableFetch(stop)(URL, { method: "POST", signal: controller.signal });
    end();
    await response.text();
    controller.abort();
    expect(stop).not.toHaveBeenCalled();
  });

  it("gives every request a key of its own", async () => {
    const keys: (string | null)[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      keys.push(request.headers.get("idempotency-key"));
      return new Response(null, { status: 204 });
    });
    const send = stoppableFetch(async () => undefined);
    await Promise.all([send(URL, { method: "POST" }), send(URL, { method: "POST" })]);
    expect(new Set(keys).size).toBe(2);
    expect(keys).not.toContain(null);
  });
});
