import { beforeEach, describe, expect, it, vi } from "vitest";
import { backendOf } from "../http";
import { TASK_ORDERS, type TaskOrder } from "../tasks/views";
import { chatClientOf } from "./client";

const fetched = vi.fn<typeof fetch>();

describe("the chat client", () => {
  let order: TaskOrder = "hand";
  let selection: string[] = [];
  const client = chatClientOf(
    backendOf("ada"),
    () => order,
    () => selection,
  );
  const sent = (): unknown => JSON.parse(String(fetched.mock.lastCall?.[1]?.body));

  beforeEach(() => {
    fetched.mockReset().mockImplementation(async () => new Response("{}"));
    vi.stubGlobal("fetch", fetched);
  });

  it("says in which order the page has the tasks, so that “the first one” is the one on top", async () => {
    const sorts: unknown[] = [];
    for (order of TASK_ORDERS) {
      await client.stream(
        { type: "threads.retry_after_item", params: { thread_id: "t", item_id: "i" } },
        "k",
        new AbortController().signal,
      );
      sorts.push((sent() as { metadata: { task_sort: string } }).metadata.task_sort);
    }
    expect(sorts).toEqual(["position", "created_at", "due_date", "-priority", "title"]);
  });

  it("says which tasks the page shows where it shows a selection, and “the first one” is one of them", async () => {
    const send = (): Promise<unknown> =>
      client.stream(
        { type: "threads.retry_after_item", params: { thread_id: "t", item_id: "i" } },
        "k",
        new AbortController().signal,
      );
    await send();
    expect((sent() as { metadata: object }).metadata).not.toHaveProperty("on_screen");
    selection = ["1", "2"];
    await send();
    expect(sent()).toMatchObject({ metadata: { on_screen: ["1", "2"] } });
  });

  it("brings a conversation back by its id", async () => {
    const conversation = { id: "t/1", title: "Shopping" };
    fetched.mockResolvedValueOnce(Response.json(conversation));
    expect(await client.restore("t/1")).toEqual(conversation);
    const [url, init] = fetched.mock.lastCall ?? [];
    expect([url, init?.method]).toEqual(["/api/backend/api/conversations/t%2F1/restore", "POST"]);
  });

  it("takes the change of a message back by both ids", async () => {
    await client.revert("t/1", "m?1");
    const [url, init] = fetched.mock.lastCall ?? [];
    expect([url, init?.method]).toEqual([
      "/api/backend/api/conversations/t%2F1/messages/m%3F1/revert",
      "POST",
    ]);
  });

  it("says where “tomorrow” begins", async () => {
    await client.request("threads.list", { limit: 1, order: "desc" });
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(sent()).toMatchObject({ type: "threads.list", metadata: { timezone: timeZone } });
  });
});
