import { describe, expect, it, vi } from "vitest";
import { backendFetch, type FailureKind } from "./http";

/** How a request fails that is answered like this. */
async function failure(answer: Response | Error): Promise<unknown> {
  vi.stubGlobal("fetch", async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return backendFetch("/chatkit").catch((error: unknown) => error);
}

describe("backendFetch", () => {
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

  it("says what the back end says", async () => {
    const answer = Response.json({ detail: "One moment, please." }, { status: 429 });
    expect(await failure(answer)).toMatchObject({ message: "One moment, please." });
  });
});
