import { beforeEach, describe, expect, it, vi } from "vitest";
import { backendOf } from "../http";
import { taskClientOf } from "./client";

const fetched = vi.fn<typeof fetch>();

describe("the task client", () => {
  const client = taskClientOf(backendOf("ada"));

  beforeEach(() => {
    fetched.mockReset().mockImplementation(async () => Response.json({ id: "1" }));
    vi.stubGlobal("fetch", fetched);
  });

  it("names the task that is meant, so that it can be sent again", async () => {
    await client.create({ title: "milk" }, "k1");
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/backend/api/tasks");
    expect(init).toMatchObject({ method: "POST", body: '{"title":"milk"}' });
    expect(new Headers(init?.headers).get("idempotency-key")).toBe("k1");
    expect(new Headers(init?.headers).get("content-type")).toBe("application/json");
  });

  it("lists the tasks that were added first first, to the last page", async () => {
    fetched
      .mockResolvedValueOnce(Response.json({ items: [{ id: "1" }], next_cursor: "c 1" }))
      .mockResolvedValueOnce(Response.json({ items: [{ id: "2" }], next_cursor: null }));
    expect((await client.list()).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(fetched.mock.calls.map(([path]) => path)).toEqual([
      "/api/backend/api/tasks?sort=created_at&limit=100",
      "/api/backend/api/tasks?sort=created_at&limit=100&cursor=c+1",
    ]);
  });

  it("asks for tasks back by their ids", async () => {
    fetched.mockResolvedValueOnce(Response.json({ items: [{ id: "1" }] }));
    expect(await client.restore(["1"])).toEqual([{ id: "1" }]);
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/backend/api/tasks/restore");
    expect(init).toMatchObject({ method: "POST", body: '{"ids":["1"]}' });
  });

  it("takes a change back by what was before, also where that was nothing", async () => {
    fetched.mockResolvedValueOnce(Response.json({ items: [{ id: "1" }] }));
    const change = { before: { 1: { due_date: null } }, after: { due_date: "2030-01-31" } };
    expect(await client.revert(change)).toEqual([{ id: "1" }]);
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/backend/api/tasks/revert");
    expect(init?.method).toBe("POST");
    expect(JSON.parse(String(init?.body))).toEqual(change);
  });
});
