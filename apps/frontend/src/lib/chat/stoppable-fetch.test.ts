import { afterEach, describe, expect, it, vi } from "vitest";
import { type StoppableFetchOptions, stoppableFetch } from "./stoppable-fetch";

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

/** The `fetch`, and who hears of what happens. */
function setUp() {
  const options = {
    headers: { "x-expected-user": "ada" },
    stop: vi.fn<StoppableFetchOptions["stop"]>(async () => undefined),
    metadata: () => ({ timezone: "Asia/Tokyo", task_sort: "position" }),
    onSignedOut: vi.fn<() => void>(),
    onOtherUser: vi.fn<() => void>(),
    onUnavailable: vi.fn<() => void>(),
  };
  return { ...options, send: stoppableFetch(options) };
}

describe("stoppableFetch", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("stops what it started when the request is aborted", async () => {
    const { stop, send } = setUp();
    const { sent } = talking();
    const controller = new AbortController();
    const response = await send(URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "threads.create", metadata: { task_sort: "title" } }),
      signal: controller.signal,
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe("data: 1\n\n");
    expect(stop).not.toHaveBeenCalled();

    controller.abort();
    expect(stop).toHaveBeenCalledExactlyOnceWith(sent[0]?.headers.get("idempotency-key"));
    expect(sent[0]?.headers.get("content-type")).toBe("application/json");
    expect(await sent[0]?.json()).toEqual({
      type: "threads.create",
      metadata: { timezone: "Asia/Tokyo", task_sort: "title" },
    });
  });

  it("has nothing to stop once all has been said", async () => {
    const { stop, send } = setUp();
    const { end } = talking();
    const controller = new AbortController();
    const response = await send(URL, { method: "POST", signal: controller.signal });
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
    const { send } = setUp();
    await Promise.all([send(URL, { method: "POST" }), send(URL, { method: "POST" })]);
    expect(new Set(keys).size).toBe(2);
    expect(keys).not.toContain(null);
  });

  it.each([
    [200, 0, 0],
    [401, 1, 0],
    [404, 0, 0],
    [409, 0, 0],
    [429, 0, 0],
    [500, 0, 0],
    [503, 0, 1],
    [504, 0, 1],
  ])("tells the page what status %i means", async (status, signedOut, unavailable) => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status }));
    const { send, onSignedOut, onUnavailable } = setUp();
    expect((await send(URL, { method: "POST" })).status).toBe(status);
    expect(onSignedOut).toHaveBeenCalledTimes(signedOut);
    expect(onUnavailable).toHaveBeenCalledTimes(unavailable);
  });

  it("tells the page that somebody else has signed in, whatever else conflicts", async () => {
    const { send, onOtherUser } = setUp();
    const refuse = (type: string) =>
      vi.stubGlobal("fetch", async () => Response.json({ type }, { status: 409 }));
    refuse("about:blank");
    await send(URL, { method: "POST" });
    expect(onOtherUser).not.toHaveBeenCalled();
    refuse("urn:todo-app:problem:user-changed");
    const response = await send(URL, { method: "POST" });
    expect(onOtherUser).toHaveBeenCalledOnce();
    expect(await response.json()).toEqual({ type: "urn:todo-app:problem:user-changed" });
  });

  it("tells the page that the connection is lost, but not when somebody has stopped", async () => {
    const { send, onUnavailable } = setUp();
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(send(URL, { method: "POST" })).rejects.toThrow("Failed to fetch");
    expect(onUnavailable).toHaveBeenCalledOnce();

    await expect(send(URL, { method: "POST", signal: AbortSignal.abort() })).rejects.toThrow();
    expect(onUnavailable).toHaveBeenCalledOnce();
  });
});
