import { describe, expect, it, vi } from "vitest";
import { Connection } from "../connection";
import { RequestError } from "../http";
import type { TaskClient } from "./client";
import { TaskStore } from "./store";
import type { Task } from "./types";

const task = (id: string, fields: Partial<Task> = {}): Task => ({
  id,
  title: id,
  description: null,
  completed: false,
  due_date: null,
  priority: "medium",
  created_at: "2030-01-01T00:00:00Z",
  updated_at: "2030-01-01T00:00:00Z",
  ...fields,
});

async function setUp(...tasks: Task[]) {
  const client = {
    list: vi.fn<TaskClient["list"]>().mockResolvedValue(tasks),
    create: vi.fn<TaskClient["create"]>(),
    update: vi.fn<TaskClient["update"]>(),
    remove: vi.fn<TaskClient["remove"]>().mockResolvedValue(undefined),
  };
  const onFailure = vi.fn<(message: string) => void>();
  const connection = new Connection(async () => true);
  const store = new TaskStore({ client, connection, onFailure });
  await store.refresh();
  const titles = (): string[] => store.getSnapshot().tasks.map(({ title }) => title);
  return { client, connection, store, titles, onFailure };
}

/** A promise to settle by hand. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe("TaskStore", () => {
  it("shows a new task at once and then the back end's copy", async () => {
    const { client, store, titles } = await setUp(task("old"));
    const answer = deferred<Task>();
    client.create.mockReturnValue(answer.promise);
    const adding = store.add({ title: "new" });
    expect(titles()).toEqual(["new", "old"]);
    answer.resolve(task("id-1", { title: "new" }));
    expect(await adding).toBe(true);
    expect(store.getSnapshot().tasks[0]?.id).toBe("id-1");
  });

  it("takes a change back when it is refused, and says so", async () => {
    const { client, store, onFailure } = await setUp(task("a"));
    client.update.mockRejectedValue(new RequestError("rejected", "No", 422));
    expect(await store.edit("a", { completed: true })).toBe(false);
    expect(store.getSnapshot().tasks[0]?.completed).toBe(false);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("No");
  });

  it("puts a task back in its place when it can't be deleted", async () => {
    const { client, store, titles, connection } = await setUp(task("a"), task("b"), task("c"));
    client.remove.mockRejectedValue(new RequestError("unavailable", "Away", 503));
    const removing = store.remove("b");
    expect(titles()).toEqual(["a", "c"]);
    expect(await removing).toBeNull();
    expect(titles()).toEqual(["a", "b", "c"]);
    expect(connection.getSnapshot().status).toBe("away");
    connection.dispose();
  });

  it("is content when a task to delete is already gone", async () => {
    const { client, store, titles, onFailure } = await setUp(task("a"));
    client.remove.mockRejectedValue(new RequestError("not-found", "Gone", 404));
    expect(await store.remove("a")).toMatchObject({ id: "a" });
    expect(titles()).toEqual([]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("restores a deleted task with all that was set", async () => {
    const fields = {
      description: "two litres",
      completed: true,
      due_date: "2030-02-01",
      priority: "high",
    } as const;
    const { client, store } = await setUp(task("a", fields));
    const removed = await store.remove("a");
    if (!removed) throw new Error("the task wasn't removed");
    client.create.mockResolvedValue(task("a2", { title: "a", ...fields }));
    await store.restore(removed);
    expect(client.create).toHaveBeenCalledExactlyOnceWith({ title: "a", ...fields });
    expect(store.getSnapshot().tasks).toMatchObject([{ id: "a2", ...fields }]);
  });

  it("doesn't let a list that was read across a change overwrite it", async () => {
    const { client, store, titles } = await setUp(task("a"));
    const list = deferred<Task[]>();
    client.list.mockReturnValueOnce(list.promise).mockResolvedValue([task("b"), task("a")]);
    const refreshing = store.refresh();
    client.create.mockResolvedValue(task("b"));
    await store.add({ title: "b" });
    list.resolve([task("a")]);
    await refreshing;
    expect(titles()).toEqual(["b", "a"]);
    await vi.waitFor(() => expect(client.list).toHaveBeenCalledTimes(3));
    expect(titles()).toEqual(["b", "a"]);
  });

  it("reads once more after a read during which it was asked to", async () => {
    const { client, store } = await setUp();
    client.list.mockClear();
    await Promise.all([store.refresh(), store.refresh(), store.refresh()]);
    await vi.waitFor(() => expect(client.list).toHaveBeenCalledTimes(2));
  });

  it("says that nothing could be loaded, and loads when the back end is back", async () => {
    const connection = new Connection(async () => true);
    const list = vi
      .fn<TaskClient["list"]>()
      .mockRejectedValueOnce(new RequestError("unavailable", "Away", 503))
      .mockResolvedValue([task("a")]);
    const client = { list, create: vi.fn(), update: vi.fn(), remove: vi.fn() };
    const store = new TaskStore({ client, connection });
    await store.refresh();
    expect(store.getSnapshot().load).toBe("error");
    await connection.retryNow();
    await vi.waitFor(() => expect(store.getSnapshot().load).toBe("ready"));
    expect(store.getSnapshot().tasks).toHaveLength(1);
  });
});
