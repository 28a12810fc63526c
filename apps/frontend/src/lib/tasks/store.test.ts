import { describe, expect, it, vi } from "vitest";
import { Connection } from "../connection";
import { RequestError } from "../http";
import type { TaskClient } from "./client";
import { TaskStore } from "./store";
import { task } from "./task.fixture";
import type { NewTask, Task } from "./types";

const away = () => new RequestError("unavailable", "Away", 503);
const gone = () => new RequestError("not-found", "Gone", 404);

/** A store over a back end that has these tasks, and whose answers tests may change. */
async function setUp(...tasks: Task[]) {
  const there = new Map(tasks.map((one) => [one.id, one]));
  let reachable = true;
  const reach = (): void => {
    if (!reachable) throw away();
  };
  const client = {
    list: vi.fn<TaskClient["list"]>(async () => {
      reach();
      return [...there.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
    }),
    create: vi.fn<TaskClient["create"]>(async (fields) => {
      reach();
      const created = task(`id-${fields.title}`, { created_at: "2030-01-02T00:00:00Z", ...fields });
      there.set(created.id, created);
      return created;
    }),
    update: vi.fn<TaskClient["update"]>(async (id, changes) => {
      const before = there.get(id);
      if (!before) throw gone();
      const updated = { ...before, ...changes };
      there.set(id, updated);
      return updated;
    }),
    remove: vi.fn<TaskClient["remove"]>(async (id) => {
      if (!there.delete(id)) throw gone();
    }),
  };
  const onFailure = vi.fn<(message: string) => void>();
  const connection = new Connection(async () => reachable);
  const store = new TaskStore({ client, connection, onFailure });
  await store.refresh();
  const titles = (): string[] => store.getSnapshot().tasks.map(({ title }) => title);
  const unsaved = () => store.getSnapshot().tasks.map((one) => one.unsaved);
  /** Takes the back end away; what it returns brings it back. */
  const leave = () => {
    reachable = false;
    return () => {
      reachable = true;
      return connection.retryNow();
    };
  };
  return { client, connection, store, there, titles, unsaved, onFailure, leave };
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
    const { client, store, titles, unsaved } = await setUp(task("old"));
    const answer = deferred<Task>();
    client.create.mockReturnValue(answer.promise);
    const adding = store.add({ title: "new" });
    expect(titles()).toEqual(["new", "old"]);
    expect(unsaved()).toEqual(["saving", undefined]);
    answer.resolve(task("id-1", { title: "new" }));
    expect(await adding).toBe(true);
    expect(store.getSnapshot().tasks[0]).toEqual(task("id-1", { title: "new" }));
  });

  it("keeps every task that couldn't be sent, and sends them when the back end is back", async () => {
    const { client, store, titles, unsaved, onFailure, leave } = await setUp();
    const comeBack = leave();
    expect(await Promise.all([store.add({ title: "one" }), store.add({ title: "two" })])).toEqual([
      false,
      false,
    ]);
    expect(titles()).toEqual(["two", "one"]);
    expect(unsaved()).toEqual(["waiting", "waiting"]);
    expect(onFailure).not.toHaveBeenCalled();

    const sent = (): [NewTask, string][] => client.create.mock.calls;
    const keys = new Map(sent().map(([{ title }, key]) => [title, key]));
    client.create.mockClear();
    await comeBack();
    await vi.waitFor(() => expect(unsaved()).toEqual([undefined, undefined]));
    expect(sent().map(([{ title }]) => title)).toEqual(["one", "two"]);
    for (const [{ title }, key] of sent()) expect(key).toBe(keys.get(title));
    expect(new Set(keys.values()).size).toBe(2);
  });

  it("lists a task once that was added although its answer was lost", async () => {
    const { client, store, there, titles } = await setUp();
    client.create.mockImplementationOnce(async (fields) => {
      there.set("id-new", task("id-new", fields));
      throw new RequestError("unavailable", "Too late", 504);
    });
    expect(await store.add({ title: "new" })).toBe(false);
    await store.save(store.getSnapshot().tasks.find((one) => one.unsaved)?.id ?? "");
    expect(titles()).toEqual(["new"]);
  });

  it("keeps a task that was refused until it is sent again or given up", async () => {
    const { client, store, titles, unsaved, onFailure } = await setUp();
    client.create.mockRejectedValue(new RequestError("rejected", "No", 422));
    await store.add({ title: "a" });
    await store.add({ title: "b" });
    expect(unsaved()).toEqual(["failed", "failed"]);
    expect(onFailure.mock.calls).toEqual([["No"], ["No"]]);
    const [b, a] = store.getSnapshot().tasks;
    client.create.mockResolvedValue(task("id-a", { title: "a" }));
    expect(await store.save(a?.id ?? "")).toBe(true);
    store.discard(b?.id ?? "");
    expect(titles()).toEqual(["a"]);
  });

  it("takes a change back when it is refused, says so, and looks what there really is", async () => {
    const { client, store, there, onFailure } = await setUp(task("a"));
    client.update.mockRejectedValue(new RequestError("rejected", "No", 422));
    there.set("a", task("a", { title: "other" }));
    expect(await store.edit("a", { completed: true })).toBe(false);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("No");
    await vi.waitFor(() =>
      expect(store.getSnapshot().tasks).toEqual([task("a", { title: "other" })]),
    );
  });

  it("tells whoever asks instead why a change was refused", async () => {
    const { client, store, onFailure } = await setUp(task("a"));
    client.update.mockRejectedValue(new RequestError("rejected", "No", 422));
    const asked = vi.fn();
    await store.edit("a", { title: "b" }, asked);
    expect(asked).toHaveBeenCalledExactlyOnceWith("No");
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("sends changes of one task one after the other, and those of others meanwhile", async () => {
    const { client, store } = await setUp(task("a"), task("b"));
    const first = deferred<Task>();
    client.update.mockReturnValueOnce(first.promise);
    const done = [
      store.edit("a", { completed: true }),
      store.edit("a", { completed: false }),
      store.edit("b", { title: "B" }),
    ];
    expect(store.getSnapshot().tasks[0]?.completed).toBe(false);
    await done[2];
    expect(client.update.mock.calls.map(([id]) => id)).toEqual(["a", "b"]);
    first.resolve(task("a", { completed: true }));
    // The answer to the first change doesn't undo the second one for a moment.
    await vi.waitFor(() => expect(client.update).toHaveBeenCalledTimes(3));
    expect(store.getSnapshot().tasks[0]?.completed).toBe(false);
    expect(await Promise.all(done)).toEqual([true, true, true]);
    expect(store.getSnapshot().tasks).toEqual([task("a"), task("b", { title: "B" })]);
  });

  it("takes back only the change that was refused", async () => {
    const { client, store } = await setUp(task("a"));
    const first = deferred<Task>();
    client.update.mockReturnValueOnce(first.promise);
    const done = [store.edit("a", { title: "x" }), store.edit("a", { completed: true })];
    first.reject(away());
    expect(await Promise.all(done)).toEqual([false, true]);
    expect(store.getSnapshot().tasks).toEqual([task("a", { completed: true })]);
  });

  it("lets go of a task that turns out to be gone, and says so once", async () => {
    const { store, there, titles, onFailure } = await setUp(task("a"), task("b"));
    there.delete("a");
    const asked = vi.fn();
    await Promise.all([
      store.edit("a", { title: "x" }, asked),
      store.edit("a", { completed: true }, asked),
    ]);
    expect(titles()).toEqual(["b"]);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("That task doesn't exist any more.");
    expect(asked).not.toHaveBeenCalled();
  });

  it("deletes nothing before it has to, and brings back the very same task in its place", async () => {
    const { client, store, titles } = await setUp(task("a"), task("b"), task("c"));
    store.remove("b");
    expect(titles()).toEqual(["a", "c"]);
    // The assistant may be at work meanwhile.
    await store.refresh();
    expect(titles()).toEqual(["a", "c"]);
    store.restore("b");
    expect(store.getSnapshot().tasks).toEqual([task("a"), task("b"), task("c")]);
    await store.deleteRemoved("b");
    expect(client.remove).not.toHaveBeenCalled();
    expect(client.create).not.toHaveBeenCalled();
  });

  it("brings a task back as the assistant has changed it, and says when that has deleted it", async () => {
    const { store, there, titles, onFailure } = await setUp(task("a"), task("b"));
    store.remove("a");
    store.remove("b");
    there.set("a", task("a", { title: "A" }));
    there.delete("b");
    await store.refresh();
    store.restore("a");
    store.restore("b");
    expect(titles()).toEqual(["A"]);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("That task doesn't exist any more.");
  });

  it("deletes in the end, after what was changed before, and is on its way at once", async () => {
    const { client, store, titles, there } = await setUp(task("a"), task("b"));
    store.remove("a");
    const deleting = store.deleteRemoved("a");
    expect(client.remove).toHaveBeenCalledExactlyOnceWith("a");
    await deleting;
    expect(titles()).toEqual(["b"]);

    const edit = deferred<Task>();
    client.update.mockReturnValueOnce(edit.promise);
    void store.edit("b", { completed: true });
    store.remove("b");
    const second = store.deleteRemoved("b");
    expect(client.remove).toHaveBeenCalledOnce();
    edit.resolve(task("b", { completed: true }));
    await second;
    expect(titles()).toEqual([]);
    expect(there.size).toBe(0);
  });

  it("puts a task back in its place when it can't be deleted, and says so", async () => {
    const { client, store, titles, connection, onFailure } = await setUp(
      task("a"),
      task("b"),
      task("c"),
    );
    client.remove.mockRejectedValue(away());
    store.remove("b");
    await store.deleteRemoved("b");
    expect(titles()).toEqual(["a", "b", "c"]);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("“b” couldn't be deleted. Away");
    expect(connection.getSnapshot().status).toBe("away");
    connection.dispose();
  });

  it("tells when everything that was begun is answered", async () => {
    const { client, store } = await setUp(task("a"));
    const answer = deferred<void>();
    client.remove.mockReturnValueOnce(answer.promise);
    store.remove("a");
    void store.deleteRemoved("a");
    const events: string[] = [];
    const settled = store.settled().then(() => events.push("settled"));
    await Promise.resolve();
    events.push("answered");
    answer.resolve();
    await settled;
    expect(events).toEqual(["answered", "settled"]);
  });

  it("is content when a task to delete is already gone", async () => {
    const { store, there, titles, onFailure } = await setUp(task("a"));
    store.remove("a");
    there.delete("a");
    await store.deleteRemoved("a");
    expect(titles()).toEqual([]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("doesn't let a list that was read across a change overwrite it", async () => {
    const { client, store, titles } = await setUp(task("a"));
    const list = deferred<Task[]>();
    client.list.mockReturnValueOnce(list.promise);
    const refreshing = store.refresh();
    await store.add({ title: "b" });
    list.resolve([task("a")]);
    await refreshing;
    expect(titles()).toEqual(["b", "a"]);
    await vi.waitFor(() => expect(client.list).toHaveBeenCalledTimes(3));
    expect(titles()).toContain("b");
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
      .mockRejectedValueOnce(away())
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
