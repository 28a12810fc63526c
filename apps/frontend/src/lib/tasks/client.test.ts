import { beforeEach, describe, expect, it, vi } from "vitest";
import { taskClient } from "./client";

const fetched = vi.fn<typeof fetch>();

describe("taskClient", () => {
  beforeEach(() => {
    fetched.mockReset().mockImplementation(async () => Response.json({ id: "1" }));
    vi.stubGlobal("fetch", fetched);
  });

  it("names the task that is meant, so that it can be sent again", async () => {
    await taskClient.create({ title: "milk" }, "k1");
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/backend/api/tasks");
    expect(init).toMatchObject({ method: "POST", body: '{"title":"milk"}' });
    expect(new Headers(init?.headers).get("idempotency-key")).toBe("k1");
    expect(new Headers(init?.headers).get("content-type")).toBe("application/json");
  });

  it("has a deletion outlive the page", async () => {
    await taskClient.remove("1");
    expect(fetched).toHaveBeenCalledExactlyOnceWith(
      "/api/backend/api/tasks/1",
      expect.objectContaining({ method: "DELETE", keepalive: true }),
    );
  });
});
