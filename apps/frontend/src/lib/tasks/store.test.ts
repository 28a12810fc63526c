import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "@/lib/eventually.fixture";
import type { StepEffect } from "../chat/protocol";
import { Connection } from "../connection";
import { RequestError } from "../http";
import { MemoryStorage } from "../outbox/memory-storage.fixture";
import { Outbox } from "../outbox/outbox";
import type { TaskClient } from "./client";
import { byPosition, positionAt } from "./position";
import { TaskStore } from "./store";
import { task } from "./task.fixture";
import type { NewTask, Task } from "./types";
import { sortTasks } from "./views";

const away = () => new RequestError("unavailable", "Away", 503);
const gone = () => new RequestError("not-found", "Gone", 404);

/** What the assistant has changed. */
const CHANGE = {
  before: { x: { due_date: null }, y: { due_date: "2030-01-01" } },
  after: { due_date: "2030-01-31" },
};

/** A back end that has these tasks, and whose answers tests may change. */
function backEnd(...tasks: Task[]) {
  const there = new Map(tasks.map((one) => [one.id, one]));
  const deleted = new Map<string, Task>();
  const state = { reachable: true };
  const reach = (): void => {
    if (!state.reachable) throw away();
  };
  const client = {
    list: vi.fn<TaskClient["list"]>(async () => {
      reach();
      return [...there.values()].sort((a, b) => a.created_at.localeCompare(b.created_at));
    }),
    create: vi.fn<TaskClient["create"]>(async (fields) => {
      reach();
      const created = task(`id-${fields.title}`, { created_at: "2030-01-02T00:00:00Z", ...fields });
      there.set(created.id, created);
      return created;
    }),
    update: vi.fn<TaskClient["update"]>(async (id, changes) => {
      reach();
      const before = there.get(id);
      if (!before) throw gone();
      const updated = { ...before, ...changes };
      there.set(id, updated);
      return updated;
    }),
    remove: vi.fn<TaskClient["remove"]>(async (id) => {
      reach();
      const before = there.get(id);
      if (!before) throw gone();
      there.delete(id);
      deleted.set(id, before);
    }),
    restore: vi.fn<TaskClient["restore"]>(async (ids) => {
      reach();
      const back = ids.flatMap((id) => deleted.get(id) ?? there.get(id) ?? []);
      for (const one of back) there.set(one.id, one);
      return back;
    }),
    complete: vi.fn<TaskClient["complete"]>(async (ids) =>
      ids.flatMap((id) => there.get(id) ?? []),
    ),
    revert: vi.fn<TaskClient["revert"]>(async ({ before }) => {
      reach();
      return Object.keys(before).flatMap((id) => there.get(id) ?? []);
    }),
    removeAll: vi.fn<TaskClient["removeAll"]>(async (ids) =>
      ids.flatMap((id) => there.get(id) ?? []),
    ),
    parse: vi.fn<TaskClient["parse"]>(),
  };
  return { client, there, state };
}

/** A page over a back end and what other pages of the browser have kept. */
async function openPage(end: ReturnType<typeof backEnd>, storage = new MemoryStorage()) {
  const { client, there, state } = end;
  const onFailure = vi.fn<(message: string) => void>();
  const connection = new Connection(async () => state.reachable);
  const outbox = new Outbox({ storage, connection, tab: "tab" });
  const store = new TaskStore({ client, connection, outbox, onFailure });
  await outbox.start();
  await store.refresh();
  const titles = (): string[] => store.getSnapshot().tasks.map(({ title }) => title);
  const unsaved = () => store.getSnapshot().tasks.map((one) => one.unsaved);
  /** Takes the back end away; what it returns brings it back. */
  const leave = () => {
    state.reachable = false;
    return () => {
      state.reachable = true;
      return connection.retryNow();
    };
  };
  return {
    ...{ client, connection, store, there, titles, unsaved, onFailure, leave },
    ...{ storage, outbox, end },
  };
}

const setUp = (...tasks: Task[]) => openPage(backEnd(...tasks));

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
  it("begins with what the server has read, and counts once it has all of them", () => {
    const begin = (next_cursor: string | null) => {
      const { client } = backEnd();
      const connection = new Connection(async () => true);
      const outbox = new Outbox({ storage: new MemoryStorage(), connection, tab: "tab" });
      const initial = { items: [task("a")], next_cursor };
      return new TaskStore({ client, connection, outbox, initial }).getSnapshot();
    };
    expect(begin(null)).toEqual({ tasks: [task("a")], load: "ready" });
    expect(begin("more")).toEqual({ tasks: [task("a")], load: "loading" });
  });

  it("shows a new task at once and then the back end's copy", async () => {
    const { client, store, titles, unsaved } = await setUp(task("old"));
    const answer = deferred<Task>();
    client.create.mockReturnValue(answer.promise);
    const adding = store.add({ title: "new" });
    expect(titles()).toEqual(["old", "new"]);
    expect(unsaved()).toEqual([undefined, "saving"]);
    const rowId = store.getSnapshot().tasks[1]?.id;
    answer.resolve(task("x-1", { title: "new" }));
    expect(await adding).toBe(true);
    // The list knows it by what it was at first, so that it keeps its place.
    expect(store.getSnapshot().tasks[1]).toEqual({ ...task("x-1", { title: "new" }), rowId });
  });

  it("keeps every task that couldn't be sent, and sends them when the back end is back", async () => {
    const { client, store, titles, unsaved, onFailure, leave, storage } = await setUp();
    const comeBack = leave();
    expect(await Promise.all([store.add({ title: "one" }), store.add({ title: "two" })])).toEqual([
      false,
      false,
    ]);
    expect(titles()).toEqual(["one", "two"]);
    expect(unsaved()).toEqual(["waiting", "waiting"]);
    expect(onFailure).not.toHaveBeenCalled();

    const sent = (): [NewTask, string][] => client.create.mock.calls;
    const keys = storage.read().map((change) => "key" in change && change.key);
    client.create.mockClear();
    await comeBack();
    await eventually(() => expect(unsaved()).toEqual([undefined, undefined]));
    expect(sent().map(([{ title }, key]) => [title, key])).toEqual([
      ["one", keys[0]],
      ["two", keys[1]],
    ]);
    expect(new Set(keys).size).toBe(2);
    expect(storage.read()).toEqual([]);
  });

  it("lists a task once that was added although its answer was lost", async () => {
    const { client, store, there, titles, connection } = await setUp();
    client.create.mockImplementationOnce(async (fields) => {
      there.set("id-new", task("id-new", fields));
      throw new RequestError("unavailable", "Too late", 504);
    });
    expect(await store.add({ title: "new" })).toBe(false);
    await connection.retryNow();
    await eventually(() => expect(client.create).toHaveBeenCalledTimes(2));
    await store.settled();
    expect(titles()).toEqual(["new"]);
  });

  it("keeps a task that was refused until it is sent again or given up", async () => {
    const { client, store, titles, unsaved, onFailure } = await setUp();
    client.create.mockRejectedValue(new RequestError("rejected", "No", 422));
    await store.add({ title: "a" });
    await store.add({ title: "b" });
    expect(unsaved()).toEqual(["failed", "failed"]);
    expect(onFailure.mock.calls).toEqual([["No"], ["No"]]);
    const [a, b] = store.getSnapshot().tasks;
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
    await eventually(() =>
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

  it("sends changes one after the other, as they were made", async () => {
    const { client, store } = await setUp(task("a"), task("b"));
    const first = deferred<Task>();
    client.update.mockReturnValueOnce(first.promise);
    const done = [
      store.edit("a", { completed: true }),
      store.edit("b", { title: "B" }),
      store.edit("a", { completed: false }),
    ];
    expect(store.getSnapshot().tasks).toMatchObject([{ completed: false }, { title: "B" }]);
    expect(client.update).toHaveBeenCalledTimes(1);
    first.resolve(task("a", { completed: true }));
    expect(await Promise.all(done)).toEqual([true, true, true]);
    expect(client.update.mock.calls.map(([id]) => id)).toEqual(["a", "b", "a"]);
    expect(store.getSnapshot().tasks).toEqual([task("a"), task("b", { title: "B" })]);
  });

  it("takes back only the change that was refused", async () => {
    const { client, store } = await setUp(task("a"));
    const first = deferred<Task>();
    client.update.mockReturnValueOnce(first.promise);
    const done = [store.edit("a", { title: "x" }), store.edit("a", { completed: true })];
    first.reject(new RequestError("rejected", "No", 422));
    expect(await Promise.all(done)).toEqual([false, true]);
    expect(store.getSnapshot().tasks).toEqual([task("a", { completed: true })]);
  });

  describe("while the back end is away", () => {
    it("keeps ticks, edits and deletions, over a reload, and sends them in order", async () => {
      const page = await setUp(task("a"), task("b"), task("c"));
      page.leave();
      expect(await page.store.edit("a", { completed: true })).toBe(true);
      expect(await page.store.edit("a", { title: "A" })).toBe(true);
      page.store.remove("b");
      void page.store.add({ title: "d" });
      const shown = [
        { title: "A", completed: true, unsaved: "waiting" },
        { title: "c" },
        { title: "d", unsaved: "waiting" },
      ];
      await eventually(() => expect(page.store.getSnapshot().tasks).toMatchObject(shown));
      expect(page.onFailure).not.toHaveBeenCalled();

      page.end.state.reachable = true;
      const { client, store, storage } = await openPage(page.end, page.storage);
      await eventually(() => expect(storage.read()).toEqual([]));
      await eventually(() =>
        expect(store.getSnapshot().tasks).toMatchObject([
          { title: "A", completed: true },
          { title: "c" },
          { title: "d" },
        ]),
      );
      const updates = client.update.mock.calls.slice(-2).map(([, changes]) => changes);
      expect(updates).toEqual([{ completed: true }, { title: "A" }]);
      expect(client.remove).toHaveBeenCalledWith("b");
    });

    it("lets one change and delete what isn't saved yet", async () => {
      const { client, store, leave, titles } = await setUp();
      const comeBack = leave();
      await store.add({ title: "a" });
      await store.add({ title: "b" });
      const [a, b] = store.getSnapshot().tasks;
      await store.edit(a?.id ?? "", { completed: true });
      const undo = store.remove(b?.id ?? "");
      expect(titles()).toEqual(["a"]);
      undo();
      await eventually(() => expect(titles()).toEqual(["a", "b"]));
      await comeBack();
      await eventually(() =>
        expect(store.getSnapshot().tasks).toMatchObject([
          { id: "id-a", completed: true },
          { id: "id-b", completed: false },
        ]),
      );
      expect(client.update).toHaveBeenLastCalledWith("id-a", { completed: true });
    });

    it("forgets a deletion that is taken back before it has gone out", async () => {
      const { client, store, leave, titles, storage } = await setUp(task("a"));
      const comeBack = leave();
      await store.refresh();
      const undo = store.remove("a");
      expect(titles()).toEqual([]);
      undo();
      expect(titles()).toEqual(["a"]);
      expect(storage.read()).toEqual([]);
      await comeBack();
      expect(client.remove).not.toHaveBeenCalled();
    });
  });

  describe("what can be taken back while the back end is away", () => {
    it("is a deletion that found the line dead: the task is there again at once, in its place", async () => {
      const tasks = ["a", "b", "c"].map((id, day) =>
        task(id, { created_at: `2029-01-0${day + 1}T00:00:00Z` }),
      );
      const { store, leave, titles, there, outbox } = await setUp(...tasks);
      const comeBack = leave();
      const undo = store.remove("b");
      await store.settled();
      expect(outbox.changes).toMatchObject([{ kind: "task.delete", tried: true }]);
      expect(titles()).toEqual(["a", "c"]);
      undo();
      expect(titles()).toEqual(["a", "b", "c"]);
      await comeBack();
      await eventually(() => expect(outbox.changes).toEqual([]));
      expect(titles()).toEqual(["a", "b", "c"]);
      expect([...there.keys()].sort()).toEqual(["a", "b", "c"]);
    });

    it("is the deletion of a task whose adding found the line dead", async () => {
      const { store, leave, titles, there, outbox, client } = await setUp();
      const comeBack = leave();
      await store.add({ title: "a" });
      const undo = store.remove(store.getSnapshot().tasks[0]?.id ?? "");
      expect(titles()).toEqual([]);
      const [, deletion] = outbox.changes;
      if (deletion) outbox.update(deletion, { tried: true });
      undo();
      expect(titles()).toEqual(["a"]);
      await comeBack();
      await eventually(() => expect(outbox.changes).toEqual([]));
      expect(client.restore).toHaveBeenCalledWith(["id-a"]);
      expect([...there.keys()]).toEqual(["id-a"]);
    });

    it.each(["remove", "discard"] as const)(
      "is %s of a task that was never sent, with all that was done to it",
      async (method) => {
        const { store, leave, titles, there, outbox } = await setUp();
        const comeBack = leave();
        await store.add({ title: "first" });
        await store.add({ title: "a" });
        await store.add({ title: "last" });
        const id = store.getSnapshot().tasks[1]?.id ?? "";
        await store.edit(id, { title: "A", description: "notes" });
        await store.edit(id, { completed: true });
        const undo = store[method](id);
        expect(titles()).toEqual(["first", "last"]);
        undo();
        expect(titles()).toEqual(["first", "A", "last"]);
        await comeBack();
        await eventually(() => expect(outbox.changes).toEqual([]));
        expect(there.get("id-a")).toMatchObject({
          title: "A",
          description: "notes",
          completed: true,
        });
        expect(there.size).toBe(3);
      },
    );

    it("is to discard an edit that waits", async () => {
      const { store, leave, titles } = await setUp(task("a"));
      leave();
      await store.edit("a", { title: "A" });
      const undo = store.discard("a");
      expect(titles()).toEqual(["a"]);
      undo();
      expect(titles()).toEqual(["A"]);
    });
  });

  describe("a change that has waited", () => {
    /** A page whose edit was made in an outage, after which the back end answers with errors. */
    async function afterOutage(error: RequestError) {
      const page = await setUp(task("a"), task("b"));
      const comeBack = page.leave();
      await page.store.edit("a", { title: "precious words" });
      page.client.update.mockRejectedValue(error);
      page.client.update.mockClear();
      vi.useFakeTimers();
      await comeBack();
      await vi.advanceTimersByTimeAsync(0);
      return { ...page, tries: () => page.client.update.mock.calls.length };
    }
    const failed = (retryAfterMs?: number) =>
      new RequestError("failed", "Slow down", 429, retryAfterMs);

    afterEach(() => {
      vi.useRealTimers();
    });

    it("is sent again, more and more seldom, to a back end that doesn't manage", async () => {
      const { tries, store, titles, unsaved, client, there, onFailure } = await afterOutage(
        failed(),
      );
      expect(tries()).toBe(1);
      expect(titles()).toEqual(["precious words", "b"]);
      expect(unsaved()).toEqual(["waiting", undefined]);
      // What comes after it has to wait too, and doesn't make it hurry.
      expect(await store.edit("b", { completed: true })).toBe(true);
      await vi.advanceTimersByTimeAsync(1_999);
      expect(tries()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(tries()).toBe(2);
      await vi.advanceTimersByTimeAsync(3_999);
      expect(tries()).toBe(2);
      client.update.mockImplementation(async (id, changes) => {
        there.set(id, { ...task(id), ...changes });
        return { ...task(id), ...changes };
      });
      await vi.advanceTimersByTimeAsync(1);
      expect(store.getSnapshot().tasks).toMatchObject([
        { title: "precious words" },
        { completed: true },
      ]);
      expect(unsaved()).toEqual([undefined, undefined]);
      expect(onFailure).not.toHaveBeenCalled();
    });

    it("waits as long as the back end asks for, up to a minute", async () => {
      const { tries } = await afterOutage(failed(10_000));
      await vi.advanceTimersByTimeAsync(9_999);
      expect(tries()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(tries()).toBe(2);
    });

    it("is left to the person after five tries, with its words, and sent again when they want", async () => {
      const page = await afterOutage(failed());
      const { tries, store, titles, unsaved, onFailure, client, storage } = page;
      await vi.advanceTimersByTimeAsync(120_000);
      expect(tries()).toBe(5);
      expect(onFailure).toHaveBeenCalledExactlyOnceWith("Slow down");
      expect(titles()).toEqual(["precious words", "b"]);
      expect(unsaved()).toEqual(["failed", undefined]);
      client.update.mockImplementation(async (id, changes) => ({ ...task(id), ...changes }));
      expect(await store.save("a")).toBe(true);
      expect(unsaved()).toEqual([undefined, undefined]);
      expect(storage.read()).toEqual([]);
    });

    it("keeps its words also where it is refused", async () => {
      const error = new RequestError("rejected", "Too long", 422);
      const { store, titles, unsaved, onFailure } = await afterOutage(error);
      expect(titles()).toEqual(["precious words", "b"]);
      expect(unsaved()).toEqual(["failed", undefined]);
      expect(onFailure).toHaveBeenCalledExactlyOnceWith("Too long");
      store.discard("a");
      expect(titles()).toEqual(["a", "b"]);
    });

    it("is sent before what was done after it, also where the clock was put back", async () => {
      vi.useFakeTimers({ now: new Date("2030-01-01T12:00:00Z") });
      const { store, leave, outbox } = await setUp(task("a"));
      leave();
      await store.edit("a", { title: "first" });
      vi.setSystemTime("2030-01-01T11:00:00Z");
      await store.edit("a", { title: "second" });
      expect(outbox.changes).toMatchObject([
        { changes: { title: "first" } },
        { changes: { title: "second" } },
      ]);
      expect(store.getSnapshot().tasks).toMatchObject([{ title: "second" }]);
    });

    it("counts as done when it was done", async () => {
      vi.useFakeTimers({ now: new Date("2031-01-01T12:00:00Z") });
      const { store, leave } = await setUp(task("a"));
      leave();
      await store.edit("a", { completed: true });
      expect(store.getSnapshot().tasks[0]?.updated_at).toBe("2031-01-01T12:00:00.000Z");
    });
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

  it("moves a task at once, and keeps the move while the back end is away", async () => {
    const places = ["n00000000000001", "n00000000000002", "n00000000000003"];
    const [a, b, c] = ["a", "b", "c"].map((id, index) => task(id, { position: places[index] }));
    if (!a || !b || !c) throw new Error("three");
    const { client, store, leave, outbox, unsaved, there } = await setUp(a, b, c);
    const byHand = () => sortTasks(store.getSnapshot().tasks, "hand").map(({ title }) => title);
    const comeBack = leave();
    const moving = store.edit("c", { position: positionAt([a, b], 0) });
    expect(byHand()).toEqual(["c", "a", "b"]);
    void store.add({ title: "d" });
    expect(byHand()).toEqual(["c", "a", "b", "d"]);
    await moving;
    expect(unsaved()).toEqual([undefined, undefined, "waiting", "waiting"]);
    await comeBack();
    await eventually(() => expect(outbox.changes).toEqual([]));
    expect(client.update).toHaveBeenCalledWith("c", { position: there.get("c")?.position });
    expect(
      [there.get("c"), a].sort((one, other) => byPosition(one as Task, other as Task))[0]?.id,
    ).toBe("c");
  });

  it("deletes at once, and brings back the very same task in its place", async () => {
    const { client, store, titles } = await setUp(task("a"), task("b"), task("c"));
    const undo = store.remove("b");
    expect(titles()).toEqual(["a", "c"]);
    await store.settled();
    expect(client.remove).toHaveBeenCalledExactlyOnceWith("b");
    undo();
    await eventually(() => expect(titles()).toEqual(["a", "b", "c"]));
    expect(store.getSnapshot().tasks).toEqual([task("a"), task("b"), task("c")]);
    expect(client.create).not.toHaveBeenCalled();
  });

  it("brings back a task whose deletion is on its way", async () => {
    const { client, store, titles } = await setUp(task("a"));
    const answer = deferred<void>();
    client.remove.mockReturnValueOnce(answer.promise);
    const undo = store.remove("a");
    undo();
    answer.resolve();
    await eventually(() => expect(client.restore).toHaveBeenCalledExactlyOnceWith(["a"]));
    await eventually(() => expect(titles()).toEqual(["a"]));
  });

  it("says so when a task can't be brought back", async () => {
    const { client, store, onFailure } = await setUp(task("a"));
    const undo = store.remove("a");
    await store.settled();
    client.restore.mockResolvedValueOnce([]);
    undo();
    await eventually(() =>
      expect(onFailure).toHaveBeenCalledExactlyOnceWith("That task doesn't exist any more."),
    );
  });

  it("puts a task back in its place when it can't be deleted, and says so", async () => {
    const { client, store, titles, onFailure } = await setUp(task("a"), task("b"), task("c"));
    client.remove.mockRejectedValue(new RequestError("failed", "Out of order", 500));
    store.remove("b");
    await store.settled();
    expect(titles()).toEqual(["a", "b", "c"]);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("“b” couldn't be deleted. Out of order");
  });

  it("is content when a task to delete is already gone", async () => {
    const { store, there, titles, onFailure } = await setUp(task("a"));
    there.delete("a");
    store.remove("a");
    await store.settled();
    expect(titles()).toEqual([]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it.each([
    ["delete", "restore", [["x", "y"]]],
    ["complete", "complete", [["x", "y"], false]],
    ["reopen", "complete", [["x", "y"], true]],
    ["add", "removeAll", [["x", "y"]]],
    ["update", "revert", [CHANGE]],
  ] as const)("takes back what the assistant did: %s", async (action, method, args) => {
    const { client, store, onFailure } = await setUp(task("x"), task("y"));
    client.list.mockClear();
    const effect = { action, task_ids: ["x", "y"], titles: [], ...CHANGE };
    expect(await store.undo(effect)).toBe(true);
    expect(client[method]).toHaveBeenCalledExactlyOnceWith(...args);
    expect(client.list).toHaveBeenCalledOnce();
    expect(onFailure).not.toHaveBeenCalled();
  });

  it.each([
    ["update", "x", ["“X” was changed or deleted since, so that can't be undone."]],
    ["update", "xy", ["2 tasks were changed or deleted since, so that can't be undone."]],
    ["update", "z", ["1 task was changed or deleted since, so that can't be undone."]],
    ["complete", "y", ["“Y” was changed or deleted since, so that can't be undone."]],
    ["delete", "x", ["“X” doesn't exist any more."]],
    ["delete", "xy", ["2 tasks don't exist any more."]],
  ] as const)("says what it couldn't take back: %s of %s", async (action, kept, told) => {
    const ids = ["x", "y", "z"];
    const { store, onFailure } = await setUp(
      ...ids.filter((id) => !kept.includes(id)).map((id) => task(id)),
    );
    const before = { x: { title: "a" }, y: { title: "b" }, z: { title: "c" } };
    const effect = { action, task_ids: ids, titles: ["X", "Y"], before, after: { title: "d" } };
    expect(await store.undo(effect)).toBe(true);
    expect(onFailure.mock.calls.flat()).toEqual(told);
  });

  it("doesn't say that something is undone where nothing is", async () => {
    const { store, onFailure } = await setUp();
    for (const action of ["update", "complete", "delete"] as const) {
      const effect = { action, task_ids: ["x", "y"], titles: ["X", "Y"], ...CHANGE };
      expect(await store.undo(effect)).toBe(false);
    }
    expect(onFailure).toHaveBeenCalledTimes(3);
  });

  it("can take back later what it can't now", async () => {
    const { store, onFailure, leave } = await setUp(task("x"), task("y"));
    const comeBack = leave();
    const effect: StepEffect = { action: "update", task_ids: ["x", "y"], titles: [], ...CHANGE };
    expect(await store.undo(effect)).toBe(false);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith("That couldn't be undone. Away");
    await comeBack();
    expect(await store.undo(effect)).toBe(true);
  });

  it("doesn't let a list that was read across a change overwrite it", async () => {
    const { client, store, titles } = await setUp(task("a"));
    const list = deferred<Task[]>();
    client.list.mockReturnValueOnce(list.promise);
    const refreshing = store.refresh();
    await store.add({ title: "b" });
    list.resolve([task("a")]);
    await refreshing;
    expect(titles()).toEqual(["a", "b"]);
    await eventually(() => expect(client.list).toHaveBeenCalledTimes(3));
    expect(titles()).toContain("b");
  });

  it("reads once more after a read during which it was asked to", async () => {
    const { client, store } = await setUp();
    client.list.mockClear();
    await Promise.all([store.refresh(), store.refresh(), store.refresh()]);
    await eventually(() => expect(client.list).toHaveBeenCalledTimes(2));
  });

  it("says that nothing could be loaded, and loads when the back end is back", async () => {
    const end = backEnd(task("a"));
    end.client.list.mockRejectedValueOnce(away());
    const { store, connection } = await openPage(end);
    expect(store.getSnapshot().load).toBe("error");
    await connection.retryNow();
    await eventually(() => expect(store.getSnapshot().load).toBe("ready"));
    expect(store.getSnapshot().tasks).toHaveLength(1);
  });

  it("loads on request what the back end failed to give", async () => {
    const end = backEnd(task("a"));
    end.client.list.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
    const { store } = await openPage(end);
    expect(store.getSnapshot().load).toBe("error");
    await store.reload();
    expect(store.getSnapshot()).toMatchObject({ load: "ready", tasks: [{ id: "a" }] });
  });

  it("keeps the objects of tasks that haven't changed, which needn't be drawn anew", async () => {
    const { store, there } = await setUp(task("a"), task("b"));
    const [a, b] = store.getSnapshot().tasks;
    there.set("a", task("a"));
    there.set("b", task("b", { title: "B" }));
    await store.refresh();
    expect(store.getSnapshot().tasks[0]).toBe(a);
    expect(store.getSnapshot().tasks[1]).not.toBe(b);
  });
});
