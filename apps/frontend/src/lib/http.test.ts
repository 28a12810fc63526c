import { describe, expect, it, vi } from "vitest";
import { backendOf, type FailureKind, RequestError } from "./http";

/** How a request fails that is answered like this. */
async function failure(answer: Response | Error): Promise<unknown> {
  vi.stubGlobal("fetch", async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return backendOf("ada")("/chatkit").catch((error: unknown) => error);
}

describe("the way to the back end", () => {
  it.each<[number, FailureKind]>([
    [401, "signed-out"],
    [404, "not-found"],
    [422, "rejected"],
    [429, "failed"],
    [500, "failed"],
    [501, "failed"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
  ])("takes %i for %s", async (status, kind) => {
    expect(await failure(new Response(null, { status }))).toMatchObject({ kind, status });
  });

  it("takes a connection that fails for an outage", async () => {
    expect(await failure(new TypeError("failed to fetch"))).toMatchObject({ kind: "unavailable" });
  });

  it("names the person whom the page believes to be signed in", async () => {
    const fetched = vi.fn<typeof fetch>(async () => new Response());
    vi.stubGlobal("fetch", fetched);
    await backendOf("ada")("/api/tasks");
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/backend/api/tasks");
    expect(new Headers(init?.headers).get("x-expected-user")).toBe("ada");
  });

  it("tells when that is somebody else by now", async () => {
    const answer = Response.json({ type: "urn:todo-app:problem:user-changed" }, { status: 409 });
    expect(await failure(answer)).toMatchObject({ kind: "other-user" });
    expect(await failure(new Response(null, { status: 409 }))).toMatchObject({ kind: "rejected" });
  });

  it.each([false, true])(
    "takes a network's own page for an outage (stream: %s)",
    async (streams) => {
      const headers = { "content-type": "text/html; charset=utf-8" };
      vi.stubGlobal(
        "fetch",
        async () => new Response("<h1>Sign in to our network</h1>", { headers }),
      );
      const asked = backendOf("ada")("/chatkit", { method: "POST", streams });
      await expect(asked).rejects.toMatchObject({ kind: "unavailable" });
    },
  );

  describe("on a line that has fallen silent", () => {
    /** A fetch that never answers, as far as it isn't given up. */
    const silent = (_: unknown, init?: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      });

    it.each([
      ["an answer that doesn't begin", silent],
      [
        "an answer that doesn't end",
        async (_: unknown, init?: RequestInit) =>
          new Response(
            new ReadableStream({
              start: (controller) =>
                init?.signal?.addEventListener("abort", () => controller.error(new Error("cut"))),
            }),
          ),
      ],
    ])("gives %s up, as an outage", async (_, fetcher) => {
      vi.useFakeTimers();
      vi.stubGlobal("fetch", fetcher);
      const asked = backendOf("ada")("/api/tasks").catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(19_900);
      expect(await Promise.race([asked, "still waiting"])).toBe("still waiting");
      await vi.advanceTimersByTimeAsync(200);
      expect(await asked).toBeInstanceOf(RequestError);
      expect(await asked).toMatchObject({ kind: "unavailable" });
      vi.useRealTimers();
    });

    it("lets a stream go on for longer", async () => {
      vi.useFakeTimers();
      let signal: AbortSignal | null | undefined;
      vi.stubGlobal("fetch", async (_: unknown, init?: RequestInit) => {
        signal = init?.signal;
        return new Response(new ReadableStream());
      });
      await backendOf("ada")("/chatkit", { streams: true, limitMs: 1_000 });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(signal?.aborted).toBe(false);
      vi.useRealTimers();
    });
  });

  it.each([404, 409])("gives the back end's own reason for a %i", async (status) => {
    const type = "urn:todo-app:problem:something";
    const headers = { "content-type": "application/problem+json" };
    const problem = { type, title: "Something", status, detail: "That is gone for good." };
    expect(await failure(Response.json(problem, { status, headers }))).toMatchObject({
      message: "That is gone for good.",
      status,
    });
  });

  it("says what the back end says, and when to ask again", async () => {
    const headers = { "retry-after": "7" };
    const answer = Response.json({ detail: "One moment, please." }, { status: 429, headers });
    expect(await failure(answer)).toMatchObject({
      message: "One moment, please.",
      retryAfterMs: 7_000,
    });
    expect(await failure(new Response(null, { status: 429 }))).toMatchObject({
      retryAfterMs: undefined,
    });
  });
});
