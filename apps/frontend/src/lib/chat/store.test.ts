import { describe, expect, it, vi } from "vitest";
import { eventually } from "@/lib/eventually.fixture";
import { Connection } from "../connection";
import { RequestError } from "../http";
import { MemoryStorage } from "../outbox/memory-storage.fixture";
import { Outbox } from "../outbox/outbox";
import type { ChatClient } from "./client";
import type {
  StreamingRequest,
  ThreadEvent,
  ThreadItem,
  ThreadMetadata,
  TurnStatus,
} from "./protocol";
import { ChatStore, type ChatStoreOptions } from "./store";
import { ThreadList, type ThreadListOptions } from "./thread-list";

const created = "2030-01-01T00:00:00Z";
const user = (id: string, text: string): ThreadItem => ({
  id,
  thread_id: "t1",
  created_at: created,
  type: "user_message",
  content: [{ type: "input_text", text }],
});
const assistant = (id: string, text: string): ThreadItem => ({
  id,
  thread_id: "t1",
  created_at: created,
  type: "assistant_message",
  content: [{ type: "output_text", text }],
});
const task = (id: string, title: string): ThreadItem => ({
  id,
  thread_id: "t1",
  created_at: created,
  type: "task",
  task: { type: "custom", title, status_indicator: "complete" },
});
const threadCreated: ThreadEvent = {
  type: "thread.created",
  thread: { id: "t1", title: null, created_at: created },
};
const done = (item: ThreadItem): ThreadEvent => ({ type: "thread.item.done", item });
const over = done({ id: "e1", thread_id: "t1", created_at: created, type: "end_of_turn" });
const added = (item: ThreadItem): ThreadEvent => ({ type: "thread.item.added", item });

type Happening = ThreadEvent | Error;
type Answer = (Happening | Promise<Happening>)[] | Error;

const idle: TurnStatus = { state: "idle", message_id: null, waiting: 0 };

/** Something that happens when the test says so. */
function held<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A back end that gives the prepared answers one after the other. */
function scripted(...answers: Answer[]) {
  const sent: { request: StreamingRequest; key: string }[] = [];
  const request = vi.fn<(type: string, params: unknown) => Promise<unknown>>();
  const client: ChatClient = {
    request: request as unknown as ChatClient["request"],
    async stream(streaming, key, signal) {
      sent.push({ request: streaming, key });
      const answer = answers.shift();
      if (!answer) throw new Error("nothing prepared");
      if (answer instanceof Error) throw answer;
      return (async function* () {
        for (const happening of answer) {
          const event = await happening;
          if (signal.aborted) throw new DOMException("aborted", "AbortError");
          if (event instanceof Error) throw event;
          yield event;
        }
      })();
    },
    turn: vi.fn<ChatClient["turn"]>(async () => idle),
    follow: vi.fn<ChatClient["follow"]>(async () => {
      throw new Error("nothing runs");
    }),
    stop: vi.fn(async () => undefined),
    revert: vi.fn(async () => undefined),
    restore: vi.fn<ChatClient["restore"]>(async () => {
      throw new Error("nothing was deleted");
    }),
  };
  return { client, sent, request };
}

interface RigOptions extends Partial<ChatStoreOptions> {
  onNotRestored?: NonNullable<ThreadListOptions["onNotRestored"]>;
  /** What another page of this browser has kept. */
  storage?: MemoryStorage;
}

function setUp(
  client: ChatClient,
  { storage = new MemoryStorage(), onNotRestored, ...options }: RigOptions = {},
) {
  let reachable = false;
  const connection = new Connection(async () => reachable);
  const outbox = new Outbox({ storage, connection, tab: "tab" });
  const { onNotice, onLeave } = options;
  const list = new ThreadList({
    ...{ client, connection, outbox },
    ...(onNotice ? { onFailure: onNotice } : {}),
    ...(onLeave ? { onLeave } : {}),
    ...(onNotRestored ? { onNotRestored } : {}),
  });
  const sleep = async (): Promise<void> => undefined;
  const chat = new ChatStore({ client, connection, outbox, list, sleep, ...options });
  /** The chat and its list as one, as people see them. */
  const store = {
    chat,
    outbox,
    send: (text: string) => chat.send(text),
    stop: () => chat.active.stop(),
    retry: () => chat.active.retry(),
    follow: async (id: string | null) => {
      chat.follow(id);
      await chat.active.open();
    },
    open: async (id: string | null) => {
      if (id === null) chat.startNew();
      else {
        chat.follow(id);
        await eventually(() => expect(chat.active.getSnapshot().load).not.toBe("loading"));
      }
    },
    loadThreads: () => list.refresh(),
    loadMoreThreads: () => list.loadMore(),
    rename: async (id: string, title: string) => {
      list.rename(id, title);
      await outbox.settled(`thread ${id}`);
    },
    remove: async (id: string) => {
      const undo = chat.remove(id);
      await outbox.settled(`thread ${id}`);
      return async () => {
        undo();
        await outbox.settled(`thread ${id}`);
      };
    },
    dispose: () => {
      chat.dispose();
      list.dispose();
      outbox.dispose();
    },
    getSnapshot: () => {
      const { threads, load: threadsLoad, hasMore: hasMoreThreads } = list.getSnapshot();
      const active = chat.active.getSnapshot();
      // When something was said is the list's own affair.
      const plain = threads.map(({ updated_at: _, ...thread }) => thread);
      return { threads: plain, threadsLoad, hasMoreThreads, active, activeId: active.id };
    },
  };
  return {
    chat,
    store,
    storage,
    outbox,
    connection,
    /** The back end is back. What the list reads then is no matter for most tests. */
    comeBack: async ({ listing = false } = {}) => {
      reachable = true;
      const refresh = vi.spyOn(list, "refresh");
      if (!listing) refresh.mockResolvedValue();
      await connection.retryNow();
      refresh.mockRestore();
    },
  };
}

type Store = ReturnType<typeof setUp>["store"];

const away = () => new RequestError("unavailable", "away", 503);
const texts = (store: Store): string[] =>
  store
    .getSnapshot()
    .active.items.map((item) =>
      "content" in item ? item.content.map((part) => part.text).join("") : item.type,
    );

describe("ChatStore", () => {
  it("starts a thread with the first message and names it in the address", async () => {
    const onMoved = vi.fn();
    const onTasksChanged = vi.fn();
    const { client, sent } = scripted([
      threadCreated,
      done(user("u1", "hi")),
      added(assistant("a1", "")),
      done(assistant("a1", "Hello")),
      over,
      { type: "thread.updated", thread: { id: "t1", title: "hi", created_at: created } },
    ]);
    const { store } = setUp(client, { onMoved, onTasksChanged });

    const sending = store.send("hi");
    expect(texts(store)).toEqual(["hi"]);
    expect(store.getSnapshot().active.run).toBe("running");
    await sending;

    expect(sent[0]?.request.type).toBe("threads.create");
    expect(texts(store)).toEqual(["hi", "Hello"]);
    const state = store.getSnapshot();
    expect(state.active).toMatchObject({ run: "idle", error: undefined });
    expect(state.activeId).toBe("t1");
    expect(state.threads).toEqual([{ id: "t1", title: "hi", created_at: created }]);
    expect(onMoved).toHaveBeenCalledExactlyOnceWith("t1");
    expect(onTasksChanged).toHaveBeenCalled();
  });

  it("keeps a message while the back end is away and sends it once it is back", async () => {
    const { client, sent } = scripted(away(), [
      threadCreated,
      done(user("u1", "hi")),
      done(assistant("a1", "Hello")),
      over,
    ]);
    const { store, connection, comeBack } = setUp(client);
    await store.send("hi");
    expect(store.getSnapshot().active.run).toBe("queued");
    expect(connection.getSnapshot().status).toBe("away");
    expect(texts(store)).toEqual(["hi"]);

    await comeBack();
    await eventually(() => expect(store.getSnapshot().active.run).toBe("idle"));
    expect(texts(store)).toEqual(["hi", "Hello"]);
    expect(sent[0]?.key).toBe(sent[1]?.key);
  });

  describe("a first message that waits", () => {
    const hello: Answer = [
      threadCreated,
      done(user("u1", "hi")),
      done(assistant("a1", "Hello")),
      over,
    ];

    it("is still there when one comes back to the chat", async () => {
      const { client, request } = scripted(away(), hello);
      request.mockResolvedValue({ data: [user("u9", "other")], has_more: false });
      const { store, comeBack } = setUp(client);
      await store.send("hi");
      await store.follow(null);
      expect(texts(store)).toEqual(["hi"]);
      expect(store.getSnapshot().active.run).toBe("queued");

      await store.open("t2");
      await store.follow(null);
      expect(texts(store)).toEqual(["hi"]);
      await comeBack();
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hello"]));
    });

    it("goes out while another chat is open, and shows in the list", async () => {
      const onMoved = vi.fn();
      const { client, sent } = scripted(away(), hello);
      const { store, comeBack } = setUp(client, { onMoved });
      await store.send("hi");
      await store.open(null);
      expect(texts(store)).toEqual([]);
      await comeBack();
      await eventually(() => expect(store.getSnapshot().threads).toHaveLength(1));
      expect(sent).toHaveLength(2);
      expect(store.getSnapshot().activeId).toBeNull();
      expect(onMoved).not.toHaveBeenCalledWith("t1");
      await store.follow("t1");
      expect(texts(store)).toEqual(["hi", "Hello"]);
    });

    it("has been answered when one comes back to its address from elsewhere", async () => {
      const onMoved = vi.fn();
      const { client, request } = scripted(hello);
      request.mockResolvedValue({ data: [user("u1", "hi")], has_more: false });
      const { store } = setUp(client, { onMoved });
      await store.send("hi");
      await store.follow(null);
      expect(store.getSnapshot().activeId).toBe("t1");
      expect(onMoved.mock.calls).toEqual([["t1"], ["t1"]]);
      // Once the address has named it, this one is that of a new chat.
      await store.follow("t1");
      await store.follow(null);
      expect(store.getSnapshot().activeId).toBeNull();
    });

    it("is still there when it failed and one has looked at something else", async () => {
      const { client, request } = scripted(new RequestError("failed", "Out of order", 500));
      request.mockResolvedValue({ data: [user("u9", "other")], has_more: false });
      const { store } = setUp(client);
      await store.send("hi");
      await store.open(null);
      expect(texts(store)).toEqual([]);
      await store.open("t2");
      await store.follow(null);
      expect(texts(store)).toEqual(["hi"]);
      expect(store.getSnapshot().active.error).toMatchObject({ retry: true });
    });

    it("is let go of when it was taken back and a new chat is wanted", async () => {
      const { client, request } = scripted(away());
      request.mockResolvedValue({ data: [user("u9", "other")], has_more: false });
      const { store } = setUp(client);
      await store.send("hi");
      await store.stop();
      await store.open(null);
      expect(texts(store)).toEqual([]);
      await store.open("t2");
      await store.follow(null);
      expect(texts(store)).toEqual([]);
    });
  });

  it("leaves it to the person when a message never gets through to a back end that seems to be there", async () => {
    const { client, sent } = scripted(...Array.from({ length: 20 }, away), []);
    const { store, comeBack } = setUp(client);
    await store.send("hi");
    while (store.getSnapshot().active.run === "queued") await comeBack();
    expect(sent).toHaveLength(8);
    expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: { retry: true } });

    await store.retry();
    expect(store.getSnapshot().active.run).toBe("queued");
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  it("shows what the back end failed at, and doesn't call that an outage", async () => {
    const { client, sent } = scripted(new RequestError("failed", "Out of order", 500));
    const { store, connection } = setUp(client);
    await store.send("hi");
    expect(store.getSnapshot().active).toMatchObject({
      run: "idle",
      error: { message: "Out of order", retry: true },
    });
    expect(connection.getSnapshot().status).toBe("ok");
    expect(sent).toHaveLength(1);
  });

  it("asks again, under the same key, when an answer breaks off", async () => {
    const { client, sent } = scripted(
      [threadCreated, done(user("u1", "hi")), added(assistant("a1", "Hel")), new Error("reset")],
      [threadCreated, done(user("u1", "hi")), done(assistant("a1", "Hello")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    expect(texts(store)).toEqual(["hi", "Hello"]);
    expect(sent.map(({ key }) => key)).toEqual([sent[0]?.key, sent[0]?.key]);
    expect(store.getSnapshot().active.error).toBeUndefined();
  });

  it("takes a stream that ends in the middle of an item for broken", async () => {
    const { client, sent } = scripted(
      [threadCreated, done(user("u1", "hi")), added(assistant("a1", "Hel"))],
      [threadCreated, done(user("u1", "hi")), done(assistant("a1", "Hello")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    expect(sent).toHaveLength(2);
    expect(texts(store)).toEqual(["hi", "Hello"]);
  });

  it.each([
    ["a step", [done(task("k1", "Added: milk"))]],
    ["the first of two messages", [done(assistant("a0", "I'll look."))]],
  ])("takes a stream that ends after %s for broken", async (_, cut) => {
    const { client, sent } = scripted(
      [threadCreated, done(user("u1", "hi")), ...cut],
      [threadCreated, done(user("u1", "hi")), ...cut, done(assistant("a1", "Done")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    expect(sent).toHaveLength(2);
    expect(texts(store).at(-1)).toBe("Done");
    expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: undefined });
  });

  it("takes back what was said when it asks again, but nothing that was done", async () => {
    const { client } = scripted(
      [
        threadCreated,
        done(user("u1", "hi")),
        done(task("k1", "Added: milk")),
        added(assistant("a1", "Hel")),
        new Error("reset"),
      ],
      away(),
    );
    const { store } = setUp(client);
    await store.send("hi");
    expect(store.getSnapshot().active.run).toBe("queued");
    expect(texts(store)).toEqual(["hi", "task"]);
  });

  it("keeps the steps when it asks for another answer", async () => {
    const { client } = scripted(
      [
        threadCreated,
        done(user("u1", "hi")),
        done(task("k1", "Added: milk")),
        done(assistant("a1", "Hello")),
        over,
      ],
      [done(assistant("a2", "Good day")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    await store.retry();
    expect(texts(store)).toEqual(["hi", "task", "Good day"]);
  });

  it("gives up after several broken answers, and goes on when asked to", async () => {
    const broken: Answer = [threadCreated, done(user("u1", "hi")), new Error("reset")];
    const { client, sent } = scripted(broken, broken, broken, broken, [
      threadCreated,
      done(user("u1", "hi")),
      done(assistant("a1", "Hello")),
      over,
    ]);
    const { store } = setUp(client);
    await store.send("hi");
    expect(sent).toHaveLength(4);
    expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: { retry: true } });

    await store.retry();
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(texts(store)).toEqual(["hi", "Hello"]);
    expect(store.getSnapshot().active.error).toBeUndefined();
  });

  it("shows an error of the back end and sends the message again on request", async () => {
    const { client, sent } = scripted(
      [
        threadCreated,
        done(user("u1", "hi")),
        { type: "error", code: "custom", message: "Busy", allow_retry: true },
      ],
      [threadCreated, done(user("u1", "hi")), done(assistant("a1", "Hello")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    expect(store.getSnapshot().active.error).toEqual({ message: "Busy", retry: true });
    await store.retry();
    expect(sent).toHaveLength(2);
    expect(texts(store)).toEqual(["hi", "Hello"]);
  });

  it("asks for another answer to the last message", async () => {
    const { client, sent } = scripted(
      [threadCreated, done(user("u1", "hi")), done(assistant("a1", "Hello")), over],
      [done(assistant("a2", "Good day")), over],
    );
    const { store } = setUp(client);
    await store.send("hi");
    await store.retry();
    expect(sent[1]?.request).toEqual({
      type: "threads.retry_after_item",
      params: { thread_id: "t1", item_id: "u1" },
    });
    expect(texts(store)).toEqual(["hi", "Good day"]);
  });

  describe("another answer whose request may not have arrived", () => {
    const hello = [user("u1", "hi"), assistant("a1", "Hello")];
    const ask = async () => {
      const rig = scripted([threadCreated, ...hello.map(done), over], away());
      const { store, comeBack } = setUp(rig.client);
      await store.send("hi");
      await store.retry();
      expect(store.getSnapshot().active).toMatchObject({ run: "queued", delivered: true });
      return { ...rig, store, comeBack };
    };

    it("isn't asked for twice: the one that came is shown", async () => {
      const { store, sent, request, comeBack } = await ask();
      const data = [assistant("a2", "Good day"), user("u1", "hi")];
      request.mockResolvedValue({ data, has_more: false });
      await comeBack();
      await eventually(() => expect(texts(store)).toEqual(["hi", "Good day"]));
      expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: undefined });
      expect(sent).toHaveLength(2);
    });

    it("is left to the person where none came", async () => {
      const { store, sent, request, comeBack } = await ask();
      request.mockResolvedValue({ data: hello.toReversed(), has_more: false });
      await comeBack();
      await eventually(() =>
        expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: { retry: true } }),
      );
      expect(texts(store)).toEqual(["hi", "Hello"]);
      expect(sent).toHaveLength(2);
    });
  });

  describe("stopping", () => {
    /** A back end that says `events`, then nothing more until the test ends the answer. */
    function talking(events: ThreadEvent[], ...later: Answer[]) {
      const rest = held<Happening[]>();
      const end = (...happenings: Happening[]): void => rest.resolve(happenings);
      const rig = scripted(...later);
      const answer = rig.client.stream;
      let first = true;
      const signals: AbortSignal[] = [];
      const stop = vi.fn<ChatClient["stop"]>(async () => undefined);
      const client: ChatClient = {
        ...rig.client,
        stop,
        async stream(request, key, signal) {
          signals.push(signal);
          if (!first) return answer(request, key, signal);
          first = false;
          rig.sent.push({ request, key });
          return (async function* () {
            yield* events;
            for (const event of await rest.promise) {
              if (event instanceof Error) throw event;
              yield event;
            }
          })();
        },
      };
      return { ...rig, client, stop, signals, end };
    }
    const never = { sleep: () => new Promise<never>(() => undefined) };
    const partly = [threadCreated, done(user("u1", "hi")), added(assistant("a1", "Hel"))];

    it("has the back end end the turn and keeps what it had said", async () => {
      const { client, sent, stop, signals, end } = talking(partly);
      const [onTasksChanged, onChanged] = [vi.fn(), vi.fn()];
      const { store } = setUp(client, { ...never, onTasksChanged, onChanged });
      const sending = store.send("hi");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hel"]));
      onTasksChanged.mockClear();
      void store.stop();
      void store.stop();
      expect(store.getSnapshot().active.run).toBe("stopping");
      expect(stop).toHaveBeenCalledExactlyOnceWith(sent[0]?.key);
      // Leaving would look like a lost connection.
      expect(signals[0]?.aborted).toBe(false);
      end();
      await sending;
      expect(store.getSnapshot().active).toMatchObject({
        run: "idle",
        stopped: true,
        error: undefined,
      });
      expect(texts(store)).toEqual(["hi", "Hel"]);
      expect(sent).toHaveLength(1);
      // What it did before it was stopped shows in the list, and in other windows.
      expect(onTasksChanged).toHaveBeenCalledOnce();
      expect(onChanged).toHaveBeenCalledExactlyOnceWith(store.chat.active);
    });

    it("asks for an answer to the same message when there was none yet", async () => {
      const { client, sent, end } = talking([threadCreated, done(user("u1", "hi"))]);
      const { store } = setUp(client, never);
      const sending = store.send("hi");
      await eventually(() => expect(store.getSnapshot().activeId).toBe("t1"));
      void store.stop();
      end();
      await sending;
      expect(store.getSnapshot().active.error).toMatchObject({ retry: true });
      void store.retry();
      expect(sent[1]?.request).toEqual({
        type: "threads.retry_after_item",
        params: { thread_id: "t1", item_id: "u1" },
      });
      expect(sent[1]?.key).not.toBe(sent[0]?.key);
    });

    it("doesn't wait for an end that doesn't come", async () => {
      const { client, sent, signals } = talking(
        [],
        [done(user("u1", "hi")), done(assistant("a1", "Hello")), over],
      );
      const { store } = setUp(client);
      const sending = store.send("hi");
      await store.stop();
      expect(store.getSnapshot().active.run).toBe("idle");
      expect(signals[0]?.aborted).toBe(true);
      // The message may never have arrived, and its key is used up.
      const again = store.retry();
      expect(sent[1]?.request).toEqual(sent[0]?.request);
      expect(sent[1]?.key).not.toBe(sent[0]?.key);
      await again;
      expect(texts(store)).toEqual(["hi", "Hello"]);
      void sending;
    });

    it("shows an answer that was complete before the back end knew as complete", async () => {
      const { client, end } = talking(partly);
      const { store } = setUp(client, never);
      const sending = store.send("hi");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hel"]));
      void store.stop();
      end(done(assistant("a1", "Hello")), over);
      await sending;
      expect(texts(store)).toEqual(["hi", "Hello"]);
      expect(store.getSnapshot().active).toMatchObject({ run: "idle", stopped: undefined });
    });

    it("ends at once when the back end is away, and tells it as soon as that is back", async () => {
      const onNotice = vi.fn();
      const { client, stop, sent, end } = talking(partly);
      stop.mockRejectedValueOnce(away());
      const { store, comeBack, storage } = setUp(client, { ...never, onNotice });
      const sending = store.send("hi");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hel"]));
      void store.stop();
      await eventually(() =>
        expect(store.getSnapshot().active).toMatchObject({ run: "idle", stopped: true }),
      );
      expect(texts(store)).toEqual(["hi", "Hel"]);
      expect(storage.read()).toMatchObject([{ kind: "answer.stop", key: sent[0]?.key }]);
      await comeBack();
      await eventually(() => expect(storage.read()).toEqual([]));
      expect(stop).toHaveBeenCalledTimes(2);
      expect(onNotice).not.toHaveBeenCalled();
      end();
      await sending;
    });

    it("says so when the back end refuses", async () => {
      const onNotice = vi.fn();
      const { client, stop, end } = talking(partly);
      stop.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
      const { store } = setUp(client, { onNotice });
      const sending = store.send("hi");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hel"]));
      await store.stop();
      expect(onNotice).toHaveBeenCalledExactlyOnceWith(
        "The answer couldn't be stopped. Out of order",
      );
      end();
      await sending;
    });

    it("stops an answer whose connection is lost, and doesn't ask for it again", async () => {
      const { client, sent, stop, end } = talking(partly);
      const waiting = held<void>();
      const { store } = setUp(client, { sleep: () => waiting.promise });
      const sending = store.send("hi");
      end(new Error("reset"));
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hel"]));
      const stopping = store.stop();
      expect(stop).toHaveBeenCalledOnce();
      waiting.resolve();
      await Promise.all([sending, stopping]);
      expect(sent).toHaveLength(1);
      expect(store.getSnapshot().active).toMatchObject({ run: "idle", stopped: true });
    });

    it("stops an answer whose back end has gone in the middle of it, as soon as that is back", async () => {
      const { client, sent } = scripted([...partly, new Error("reset")], away());
      const { store, storage, comeBack } = setUp(client);
      await store.send("hi");
      expect(store.getSnapshot().active).toMatchObject({ run: "queued", delivered: true });
      await store.stop();
      expect(store.getSnapshot().active.run).toBe("idle");
      expect(storage.read()).toMatchObject([{ kind: "answer.stop", key: sent[0]?.key }]);
      await comeBack();
      await eventually(() => expect(storage.read()).toEqual([]));
      expect(client.stop).toHaveBeenCalledExactlyOnceWith(sent[0]?.key);
      expect(sent).toHaveLength(2);
    });

    it("stops an answer that was asked for before the page was loaded anew, too", async () => {
      const { client, request } = scripted();
      request.mockResolvedValue({ data: [user("u1", "hi")], has_more: false });
      vi.mocked(client.turn).mockResolvedValue({ state: "running", message_id: "u1", waiting: 0 });
      vi.mocked(client.follow).mockRejectedValue(away());
      const { store, outbox, storage } = setUp(client);
      outbox.keep({ kind: "message", key: "k", threadId: "t1", text: "hi", accepted: true });
      await store.open("t1");
      await eventually(() => expect(store.getSnapshot().active.run).toBe("queued"));
      await store.stop();
      expect(store.getSnapshot().active.run).toBe("idle");
      expect(storage.read()).toMatchObject([{ kind: "answer.stop", key: "k" }]);
    });

    it("takes back a message that waits to be sent, without a word to the back end", async () => {
      const { client } = scripted(away());
      const { store } = setUp(client);
      await store.send("hi");
      expect(store.getSnapshot().active.run).toBe("queued");
      await store.stop();
      expect(store.getSnapshot().active.run).toBe("idle");
      expect(client.stop).not.toHaveBeenCalled();
    });
  });

  describe("what was written", () => {
    const hello: Answer = [
      threadCreated,
      done(user("u1", "precious words")),
      done(assistant("a1", "Hello")),
      over,
    ];

    it("outlives the session, and goes out under the same key after the next sign-in", async () => {
      const first = scripted(new RequestError("signed-out", "Sign in", 401));
      const onLeave = vi.fn();
      const { store, storage } = setUp(first.client, { onLeave });
      await store.send("precious words");
      expect(onLeave).toHaveBeenCalledOnce();
      expect(store.getSnapshot().active.run).toBe("queued");

      const second = scripted(hello);
      const page = setUp(second.client, { storage });
      await page.outbox.start();
      page.store.chat.restore();
      await eventually(() => expect(texts(page.store)).toEqual(["precious words", "Hello"]));
      expect(second.sent).toEqual(first.sent);
      expect(storage.read()).toEqual([]);
    });

    it("is kept as long as it waits, and no longer", async () => {
      const arrived: Answer = [
        threadCreated,
        done(user("u1", "one")),
        new Promise(() => undefined),
      ];
      const { client } = scripted(arrived, away(), away());
      const { store, outbox, storage } = setUp(client);
      void store.send("one");
      await eventually(() => expect(store.getSnapshot().activeId).toBe("t1"));
      await store.open(null);
      await store.send("two");
      await store.open(null);
      await store.send("three");
      await store.open(null);
      expect(storage.read().map((change) => "text" in change && change.text)).toEqual([
        "one",
        "two",
        "three",
      ]);
      // The answer to the first is under way: only the others wait to be sent.
      expect(outbox.unsent).toBe(2);
    });

    it("shows why it wasn't taken, after a reload too", async () => {
      const first = scripted(new RequestError("failed", "Out of order", 500));
      const { store, storage } = setUp(first.client);
      await store.send("precious words");
      const second = scripted(hello);
      const page = setUp(second.client, { storage });
      await page.outbox.start();
      page.store.chat.restore();
      await eventually(() =>
        expect(page.store.getSnapshot().active.error).toEqual({
          message: "Out of order",
          retry: true,
        }),
      );
      await page.store.retry();
      expect(texts(page.store)).toEqual(["precious words", "Hello"]);
      expect(second.sent[0]?.key).toBe(first.sent[0]?.key);
      expect(storage.read()).toEqual([]);
    });

    it("is shown once in its conversation, however often it is taken up", async () => {
      const storage = new MemoryStorage();
      storage.write({
        ...{ kind: "message", key: "k1", threadId: "t1", text: "precious words" },
        ...{ entry: "1", tab: "tab", at: created, tried: true, problem: "Out of order" },
      });
      const { client, request } = scripted();
      request.mockResolvedValue({
        data: [user("u1", "hi"), assistant("a1", "Hello")],
        has_more: false,
      });
      const page = setUp(client, { storage });
      await page.outbox.start();
      page.store.chat.restore();
      page.store.chat.restore();
      await page.store.follow("t1");
      page.store.chat.restore();
      await new Promise((resolve) => setTimeout(resolve, 10));
      const shown = page.store.chat.active
        .getSnapshot()
        .items.filter(({ id }) => id.startsWith("local-"));
      expect(shown).toHaveLength(1);
    });

    it.each([["t1"], [null]])("is shown once, also after the next one (in %s)", async (thread) => {
      const failed = new RequestError("failed", "Out of order", 500);
      const { client, request } = scripted(failed, hello);
      request.mockResolvedValue({ data: [], has_more: false });
      const { store, outbox } = setUp(client);
      if (thread !== null) await store.open(thread);
      await store.send("lost words");
      await store.send("precious words");
      expect(outbox.unsent).toBe(1);
      store.chat.restore();
      await new Promise((resolve) => setTimeout(resolve, 10));
      const all = store.chat.active.getSnapshot().items;
      expect(all.filter(({ id }) => id.startsWith("local-"))).toHaveLength(1);
      // Nor has it begun a conversation of its own.
      await store.open("t2");
      await store.follow(null);
      expect(texts(store)).toEqual([]);
    });

    it("is gone when one has taken it back", async () => {
      const { client } = scripted(away());
      const { store, storage } = setUp(client);
      await store.send("hi");
      await store.stop();
      expect(storage.read()).toEqual([]);
    });
  });

  describe("an answer that is under way when the page is loaded", () => {
    const running: TurnStatus = { state: "running", message_id: "u1", waiting: 0 };
    const read = { data: [user("u1", "hi")], has_more: false };

    it("goes on where it is, and can be stopped", async () => {
      const rest = held<ThreadEvent>();
      const { client, request } = scripted();
      request.mockResolvedValue(read);
      vi.mocked(client.turn).mockResolvedValue(running);
      vi.mocked(client.follow).mockImplementation(async () =>
        (async function* () {
          yield done(user("u1", "hi"));
          yield done(task("k1", "Added: milk"));
          yield added(assistant("a1", "Hel"));
          yield await rest.promise;
          yield over;
        })(),
      );
      const storage = new MemoryStorage();
      const never = () => new Promise<never>(() => undefined);
      const { store, outbox } = setUp(client, { storage, sleep: never });
      outbox.keep({ kind: "message", key: "k", threadId: "t1", text: "hi", accepted: true });
      await store.open("t1");
      await eventually(() => expect(texts(store)).toEqual(["hi", "task", "Hel"]));
      expect(store.getSnapshot().active.run).toBe("running");
      void store.stop();
      expect(client.stop).toHaveBeenCalledExactlyOnceWith("k");
      rest.resolve(done(assistant("a1", "Hello")));
      await eventually(() => expect(store.getSnapshot().active.run).toBe("idle"));
      expect(texts(store)).toEqual(["hi", "task", "Hello"]);
      expect(storage.read().filter(({ kind }) => kind === "message")).toEqual([]);
    });

    it("is looked at again when the line breaks", async () => {
      const { client, request } = scripted();
      request.mockResolvedValue(read);
      vi.mocked(client.turn).mockResolvedValueOnce(running).mockResolvedValueOnce(running);
      let attempts = 0;
      vi.mocked(client.follow).mockImplementation(async () =>
        (async function* () {
          attempts += 1;
          yield added(assistant("a1", "Hel"));
          if (attempts === 1) throw new RequestError("unavailable", "Silent");
          yield done(assistant("a1", "Hello"));
          yield over;
        })(),
      );
      const { store } = setUp(client);
      await store.open("t1");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hello"]));
      expect(attempts).toBe(2);
      expect(store.getSnapshot().active).toMatchObject({ run: "idle", error: undefined });
    });

    it("is asked for again under its key when the back end has lost it", async () => {
      const { client, request, sent } = scripted([
        done(user("u1", "hi")),
        done(assistant("a1", "Hello")),
        over,
      ]);
      request.mockResolvedValue(read);
      vi.mocked(client.turn).mockResolvedValue({ ...running, state: "interrupted" });
      const { store, outbox } = setUp(client);
      outbox.keep({ kind: "message", key: "k", threadId: "t1", text: "hi", accepted: true });
      await store.open("t1");
      await eventually(() => expect(texts(store)).toEqual(["hi", "Hello"]));
      expect(sent.map(({ key }) => key)).toEqual(["k"]);
    });

    it("is offered again when the back end has lost it and its key isn't known here", async () => {
      const { client, request } = scripted();
      request.mockResolvedValue(read);
      vi.mocked(client.turn).mockResolvedValue({ ...running, state: "interrupted" });
      const { store } = setUp(client);
      await store.open("t1");
      await eventually(() =>
        expect(store.getSnapshot().active.error).toMatchObject({ retry: true }),
      );
    });
  });

  it("shows what was said elsewhere meanwhile", async () => {
    const { client, request } = scripted();
    const end = { id: "e1", thread_id: "t1", created_at: created, type: "end_of_turn" } as const;
    const early = [end, user("u1", "one")];
    request.mockResolvedValueOnce({ data: early, has_more: false });
    const { store } = setUp(client);
    await store.open("t1");
    const before = store.getSnapshot().active.items;
    const more = { ...end, id: "e2" };
    request.mockResolvedValueOnce({
      data: [more, assistant("a2", "two"), ...early],
      has_more: false,
    });
    await store.chat.active.refresh();
    expect(texts(store)).toEqual(["one", "end_of_turn", "two", "end_of_turn"]);
    // What was there needn't be drawn anew.
    expect(store.getSnapshot().active.items[0]).toBe(before[0]);
  });

  it("shows for good which messages didn't go out", async () => {
    const { client } = scripted(
      [threadCreated, done(user("u1", "one")), over],
      new RequestError("rejected", "Too long", 422),
      away(),
      [done(user("u4", "four")), done(assistant("a4", "Hello")), over],
    );
    const { store } = setUp(client);
    for (const text of ["one", "two", "three", "four"]) {
      await store.send(text);
      await store.stop();
    }
    expect(texts(store)).toEqual(["one", "two", "three", "four", "Hello"]);
    expect(store.getSnapshot().active.error).toBeUndefined();
    expect(
      store.getSnapshot().active.items.map((item) => item.type === "user_message" && item.unsent),
    ).toEqual([undefined, true, true, undefined, false]);
  });

  it("shows a message that is sent again as such", async () => {
    const { client } = scripted(new RequestError("failed", "Out of order", 500), away());
    const { store } = setUp(client);
    const unsent = (): unknown[] =>
      store.getSnapshot().active.items.map((item) => item.type === "user_message" && item.unsent);
    await store.send("hi");
    expect(unsent()).toEqual([true]);
    await store.retry();
    expect(store.getSnapshot().active.run).toBe("queued");
    expect(unsent()).toEqual([false]);
  });

  it("doesn't offer to repeat what was refused, and doesn't call that an outage", async () => {
    const { client } = scripted(new RequestError("rejected", "Too long", 422));
    const { store, connection } = setUp(client);
    await store.send("x");
    expect(store.getSnapshot().active.error).toEqual({ message: "Too long", retry: false });
    expect(connection.getSnapshot().status).toBe("ok");
  });

  it("keeps the answer of one thread out of another that was opened meanwhile", async () => {
    const { client, request } = scripted([
      threadCreated,
      done(user("u1", "hi")),
      done(assistant("a1", "Hello")),
      over,
    ]);
    request.mockResolvedValue({ data: [user("u9", "other")], has_more: false });
    const { store } = setUp(client);
    const sending = store.send("hi");
    await store.open("t2");
    await sending;
    expect(texts(store)).toEqual(["other"]);
    await store.open("t1");
    expect(texts(store)).toEqual(["hi", "Hello"]);
  });

  it("reads a thread page by page, from its end", async () => {
    const { client, request } = scripted();
    request
      .mockResolvedValueOnce({ data: [assistant("a1", "two")], has_more: true, after: "a1" })
      .mockResolvedValueOnce({ data: [user("u1", "one")], has_more: false });
    const { store } = setUp(client);
    await store.open("t1");
    await eventually(() => expect(texts(store)).toEqual(["one", "two"]));
    expect(request.mock.calls[1]?.[1]).toMatchObject({ thread_id: "t1", after: "a1" });
  });

  it("leaves out what was read after items that are gone meanwhile", async () => {
    const { client, request } = scripted();
    const stale = held<unknown>();
    request
      .mockResolvedValueOnce({ data: [user("u3", "three")], has_more: true, after: "u3" })
      .mockReturnValueOnce(stale.promise)
      .mockResolvedValueOnce({ data: [user("u9", "nine")], has_more: true, after: "u9" })
      .mockResolvedValueOnce({ data: [user("u1", "one")], has_more: false });
    const { store } = setUp(client);
    store.chat.follow("t1");
    await eventually(() => expect(request).toHaveBeenCalledTimes(2));
    await store.chat.active.refresh();
    stale.resolve({ data: [user("u2", "two")], has_more: false });
    await new Promise((resolve) => setTimeout(resolve));
    expect(texts(store)).toEqual(["one", "nine"]);
  });

  it("forgets why a thread couldn't be read once it can", async () => {
    const { client, request } = scripted();
    const page = { data: [user("u1", "one")], has_more: false };
    request.mockRejectedValueOnce(away()).mockResolvedValueOnce(page);
    const { store, comeBack } = setUp(client);
    await store.open("t1");
    expect(store.getSnapshot().active).toMatchObject({ load: "error", error: { message: "away" } });
    await comeBack();
    await eventually(() => expect(texts(store)).toEqual(["one"]));
    expect(store.getSnapshot().active).toMatchObject({ load: "ready", error: undefined });
  });

  it("reads a thread again on request that the back end failed to give", async () => {
    const { client, request } = scripted();
    const page = { data: [user("u1", "one")], has_more: false };
    request
      .mockRejectedValueOnce(new RequestError("failed", "Out of order", 500))
      .mockResolvedValueOnce(page);
    const { store } = setUp(client);
    await store.open("t1");
    expect(store.getSnapshot().active.error).toEqual({ message: "Out of order", retry: true });
    await store.retry();
    expect(texts(store)).toEqual(["one"]);
    expect(store.getSnapshot().active.error).toBeUndefined();
  });

  it("falls back to a new chat when a thread is gone", async () => {
    const onNotice = vi.fn();
    const { client, request } = scripted();
    request.mockRejectedValue(new RequestError("not-found", "gone", 404));
    const { store } = setUp(client, { onNotice });
    await store.open("t1");
    expect(store.getSnapshot().activeId).toBeNull();
    expect(onNotice).toHaveBeenCalledOnce();
  });

  describe("a message whose conversation is gone", () => {
    const hello: Answer = [
      threadCreated,
      done(user("u1", "precious words")),
      done(assistant("a1", "Hello")),
      over,
    ];
    const gone = () => new RequestError("not-found", "gone", 404);
    const message = {
      ...({ kind: "message", key: "k1", threadId: "t9", text: "precious words" } as const),
      ...{ entry: "1", tab: "tab", at: created, tried: true },
    };
    const isOffered = async (store: Store, storage: MemoryStorage) => {
      await eventually(() =>
        expect(store.getSnapshot()).toMatchObject({
          activeId: null,
          active: { items: [{ unsent: true }], error: { retry: true } },
        }),
      );
      expect(texts(store)).toEqual(["precious words"]);
      expect(storage.read()).toMatchObject([{ threadId: null, text: "precious words" }]);
    };

    it("stays in sight, and begins a new one when it is sent again", async () => {
      const onNotice = vi.fn();
      const { client, sent, request } = scripted(gone(), hello);
      request.mockResolvedValue({ data: [user("u1", "one")], has_more: false });
      const { store, storage } = setUp(client, { onNotice });
      await store.open("t9");
      await store.send("precious words");
      await isOffered(store, storage);
      expect(onNotice).toHaveBeenCalledExactlyOnceWith("That conversation doesn't exist any more.");
      await store.retry();
      expect(texts(store)).toEqual(["precious words", "Hello"]);
      expect(sent[1]?.request.type).toBe("threads.create");
      expect(sent[1]?.key).not.toBe(sent[0]?.key);
      expect(storage.read()).toEqual([]);
    });

    it("stays in sight when the page is loaded anew, too", async () => {
      const { client, sent, request } = scripted();
      request.mockRejectedValue(gone());
      const storage = new MemoryStorage();
      storage.write(message);
      const { store, outbox } = setUp(client, { storage });
      await outbox.start();
      store.chat.restore();
      await isOffered(store, storage);
      store.chat.restore();
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(texts(store)).toEqual(["precious words"]);
      expect(sent).toEqual([]);
    });

    it("is given up with the conversation that the person deletes", async () => {
      const { client, request, sent } = scripted(away(), hello);
      request.mockResolvedValue({ data: [user("u1", "one")], has_more: false });
      const { store, storage, outbox, comeBack } = setUp(client);
      await store.open("t9");
      await store.send("precious words");
      expect(outbox.unsent).toBe(1);
      await store.remove("t9");
      expect(storage.read()).toMatchObject([{ kind: "thread.delete" }]);
      await comeBack();
      await eventually(() => expect(outbox.unsent).toBe(0));
      expect(sent).toHaveLength(1);
    });
  });

  it("keeps a thread that was started while the list was being read", async () => {
    const { client, request } = scripted([
      threadCreated,
      done(user("u1", "hi")),
      done(assistant("a1", "Hello")),
      over,
    ]);
    const old = { id: "t0", title: "Old", created_at: created };
    const reading = held();
    request.mockReturnValueOnce(reading.promise);
    const { store } = setUp(client);
    const loading = store.loadThreads();
    await store.send("hi");
    reading.resolve({ data: [old], has_more: false });
    await loading;
    expect(store.getSnapshot().threads.map(({ id }) => id)).toEqual(["t1", "t0"]);
  });

  it("takes a new title back when it can't be saved", async () => {
    const { client, request } = scripted();
    const thread = { id: "t1", title: "Old", created_at: created };
    request.mockResolvedValueOnce({ data: [thread], has_more: false });
    const { store } = setUp(client);
    await store.loadThreads();
    request.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
    const renaming = store.rename("t1", "New");
    expect(store.getSnapshot().threads[0]?.title).toBe("New");
    await renaming;
    expect(store.getSnapshot().threads).toEqual([thread]);
  });

  it("keeps a new title and a deletion while the back end is away", async () => {
    const { client, request } = scripted();
    const thread = (id: string) => ({ id, title: id, created_at: created });
    const page = { data: [thread("t1"), thread("t2")], has_more: false };
    request.mockResolvedValueOnce(page).mockRejectedValueOnce(away());
    const { store, storage, comeBack } = setUp(client);
    await store.loadThreads();
    await store.rename("t1", "New");
    await store.remove("t2");
    const titles = (): unknown[] => store.getSnapshot().threads.map(({ title }) => title);
    expect(titles()).toEqual(["New"]);
    expect(storage.read()).toHaveLength(2);

    request.mockResolvedValue({});
    await comeBack();
    await eventually(() => expect(storage.read()).toEqual([]));
    expect(titles()).toEqual(["New"]);
    expect(request).toHaveBeenCalledWith("threads.update", { thread_id: "t1", title: "New" });
    expect(request).toHaveBeenCalledWith("threads.delete", { thread_id: "t2" });
  });

  it("deletes a thread and leaves it when it was open", async () => {
    const { client, request } = scripted();
    request
      .mockResolvedValueOnce({
        data: [{ id: "t1", title: "A", created_at: created }],
        has_more: false,
      })
      .mockResolvedValueOnce({ data: [user("u1", "one")], has_more: false })
      .mockResolvedValueOnce({});
    const { store } = setUp(client);
    await store.loadThreads();
    await store.open("t1");
    await store.remove("t1");
    expect(request).toHaveBeenLastCalledWith("threads.delete", { thread_id: "t1" });
    expect(store.getSnapshot()).toMatchObject({ threads: [], activeId: null });
  });

  describe("a message that is changed", () => {
    const before = [
      ...[user("u1", "one"), assistant("a1", "1"), user("u2", "two"), assistant("a2", "2")],
      ...[user("u3", "three"), assistant("a3", "3")],
    ];
    const after = [...before.slice(0, 2), user("u4", "TWO"), assistant("a4", "II")];
    const answer = [done(user("u4", "TWO")), done(assistant("a4", "II")), over];
    const ALL = ["one", "1", "two", "2", "three", "3"];

    async function opened(options: RigOptions, ...answers: Answer[]) {
      const rig = scripted(...answers);
      let items = before;
      rig.request.mockImplementation(async () => ({ data: items.toReversed(), has_more: false }));
      const set = setUp(rig.client, options);
      await set.store.open("t1");
      const idleAgain = () =>
        eventually(() => expect(set.chat.active.getSnapshot().run).toBe("idle"));
      const become = (now: ThreadItem[]): void => {
        items = now;
      };
      return { ...rig, ...set, idleAgain, become };
    }

    it("takes its own place and that of all that followed", async () => {
      const { chat, store, sent, outbox, idleAgain } = await opened({}, answer);
      expect(chat.edit("u2", "TWO")).not.toBeNull();
      expect(texts(store)).toEqual(["one", "1", "TWO"]);
      await idleAgain();
      expect(texts(store)).toEqual(["one", "1", "TWO", "II"]);
      expect(sent[0]?.request).toMatchObject({
        type: "threads.add_user_message",
        params: { thread_id: "t1", input: { content: [{ text: "TWO" }] } },
        metadata: { replaces: "u2" },
      });
      expect(outbox.changes).toEqual([]);
    });

    it("is as it was once that is taken back", async () => {
      const onChanged = vi.fn();
      const { chat, client, store, idleAgain, become } = await opened({ onChanged }, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      become(after);
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      onChanged.mockClear();
      await undo?.();
      expect(client.revert).toHaveBeenCalledExactlyOnceWith("t1", "u4");
      expect(texts(store)).toEqual(ALL);
      expect(onChanged).toHaveBeenCalledOnce();
    });

    it("has its answer stopped first where that is taken back in the middle of it", async () => {
      const stopped = held<ThreadEvent>();
      const { chat, client, store, become } = await opened({}, [
        done(user("u4", "TWO")),
        stopped.promise,
      ]);
      vi.mocked(client.stop).mockImplementation(async () => stopped.reject(new Error("over")));
      const undo = chat.edit("u2", "TWO");
      await eventually(() => expect(chat.active.getSnapshot().items.at(-1)?.id).toBe("u4"));
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      await undo?.();
      expect(client.stop).toHaveBeenCalledOnce();
      expect(client.revert).toHaveBeenCalledExactlyOnceWith("t1", "u4");
      expect(texts(store)).toEqual(ALL);
      expect(chat.active.getSnapshot()).toMatchObject({ run: "idle", error: undefined });
    });

    /** A back end whose answer to the change goes on until the test ends it. */
    async function answering(options: RigOptions = {}) {
      const rest = held<ThreadEvent>();
      const set = await opened(options, [done(user("u4", "TWO")), rest.promise]);
      const undo = set.chat.edit("u2", "TWO");
      await eventually(() => expect(set.chat.active.getSnapshot().items.at(-1)?.id).toBe("u4"));
      set.become(after.slice(0, 3));
      vi.mocked(set.client.revert).mockImplementationOnce(async () => set.become(before));
      return { ...set, undo, end: () => rest.reject(new Error("over")) };
    }
    const never = { sleep: () => new Promise<never>(() => undefined) };

    it("is taken back as soon as its answer has ended, not when that should have", async () => {
      const { chat, client, store, undo, end } = await answering(never);
      void undo?.();
      await eventually(() => expect(client.stop).toHaveBeenCalledOnce());
      expect(client.revert).not.toHaveBeenCalled();
      end();
      await eventually(() => expect(texts(store)).toEqual(ALL));
      expect(chat.active.getSnapshot()).toMatchObject({ run: "idle", error: undefined });
    });

    it("is taken back once its answer has ended that was stopped before", async () => {
      const { chat, client, store, undo, end } = await answering(never);
      void store.stop();
      const undone = undo?.();
      await new Promise((resolve) => setTimeout(resolve));
      expect(client.revert).not.toHaveBeenCalled();
      end();
      await undone;
      expect(client.stop).toHaveBeenCalledOnce();
      expect(texts(store)).toEqual(ALL);
      expect(chat.active.getSnapshot()).toMatchObject({ run: "idle", error: undefined });
    });

    it("is taken back though the answer that was stopped before doesn't end", async () => {
      const limit = held<void>();
      const { chat, store, undo } = await answering({ sleep: () => limit.promise });
      void store.stop();
      const undone = undo?.();
      limit.resolve();
      await undone;
      expect(texts(store)).toEqual(ALL);
      expect(chat.active.getSnapshot()).toMatchObject({ run: "idle", error: undefined });
    });

    it("is taken back while another answer is under way that was asked for elsewhere", async () => {
      const onNotice = vi.fn();
      const { chat, client, store, idleAgain, become } = await opened({ onNotice }, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      become(after.slice(0, 3));
      vi.mocked(client.turn).mockResolvedValueOnce({ ...idle, state: "running", message_id: "u4" });
      vi.mocked(client.follow).mockReturnValueOnce(new Promise(() => undefined));
      await chat.active.refresh();
      expect(chat.active.getSnapshot().run).toBe("running");
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      await undo?.();
      expect(texts(store)).toEqual(ALL);
      expect(onNotice).not.toHaveBeenCalled();
    });

    it("is taken back also where it took another try to send it", async () => {
      const refused = new RequestError("failed", "Out of order", 500);
      const { chat, client, store, idleAgain, become } = await opened({}, refused, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      await store.retry();
      become(after);
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      await undo?.();
      expect(client.revert).toHaveBeenCalledExactlyOnceWith("t1", "u4");
      expect(texts(store)).toEqual(ALL);
    });

    it("stays, with all that was said since, once one has gone on", async () => {
      const onNotice = vi.fn();
      const more = [done(user("u5", "four")), done(assistant("a5", "4")), over];
      const { chat, client, store, idleAgain } = await opened({ onNotice }, answer, more);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      await store.send("four");
      await undo?.();
      expect(client.revert).not.toHaveBeenCalled();
      expect(onNotice).toHaveBeenCalledExactlyOnceWith(
        "You have gone on since, so that can't be undone.",
      );
      expect(texts(store)).toEqual(["one", "1", "TWO", "II", "four", "4"]);
    });

    it("stays as it is shown where the back end doesn't take it back", async () => {
      const onNotice = vi.fn();
      const broken: Answer = [
        done(user("u4", "TWO")),
        { type: "error", message: "Out of order", allow_retry: true },
      ];
      const { chat, client, store, idleAgain, become } = await opened({ onNotice }, broken, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      become(after.slice(0, 3));
      const shown = chat.active.getSnapshot();
      const reason = "The conversation has gone on since.";
      vi.mocked(client.revert).mockRejectedValueOnce(new RequestError("rejected", reason, 409));
      await undo?.();
      expect(onNotice).toHaveBeenCalledExactlyOnceWith(`That couldn't be undone. ${reason}`);
      expect(chat.active.getSnapshot()).toEqual(shown);
      expect(shown.error).toEqual({ message: "Out of order", retry: true });
      await store.retry();
      expect(texts(store)).toEqual(["one", "1", "TWO", "II"]);
    });

    it("is gone from the page as well where something was sent while it was being taken back", async () => {
      const more = [done(user("u5", "four")), done(assistant("a5", "4")), over];
      const { chat, client, store, idleAgain, become } = await opened({}, answer, more);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      const reverting = held<void>();
      vi.mocked(client.revert).mockReturnValueOnce(reverting.promise);
      const undone = undo?.();
      await eventually(() => expect(client.revert).toHaveBeenCalledOnce());
      const sending = store.send("four");
      become([...before, user("u5", "four"), assistant("a5", "4")]);
      reverting.resolve();
      await Promise.all([undone, sending]);
      expect(texts(store)).toEqual([...ALL, "four", "4"]);
    });

    it("gives back a long conversation from its beginning", async () => {
      const long = Array.from({ length: 250 }, (_, index) => user(`n${index}`, `${index}`));
      const { chat, client, request, store, idleAgain, become } = await opened({}, answer);
      const replacing = [...long.slice(0, 20), user("u4", "TWO")];
      let items = long;
      request.mockImplementation(async (_, params) => {
        const { after: last, limit } = params as { after?: string; limit: number };
        const newestFirst = items.toReversed();
        const from = last ? newestFirst.findIndex(({ id }) => id === last) + 1 : 0;
        const data = newestFirst.slice(from, from + limit);
        return { data, has_more: from + limit < items.length, after: data.at(-1)?.id };
      });
      become([]);
      await chat.active.refresh();
      expect(texts(store)).toHaveLength(250);

      vi.mocked(client.revert).mockImplementationOnce(async () => {
        items = long;
      });
      const undo = chat.edit("n20", "TWO");
      await idleAgain();
      items = replacing;
      await undo?.();
      expect(texts(store)).toEqual(long.map((_, index) => `${index}`));
    });

    it("is taken back in sight where its conversation was deleted and brought back meanwhile", async () => {
      const { chat, client, store, idleAgain, become } = await opened({}, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      become(after);
      const restored = held<ThreadMetadata>();
      vi.mocked(client.restore).mockReturnValueOnce(restored.promise);
      const bringBack = await store.remove("t1");
      const broughtBack = bringBack();
      expect(store.getSnapshot().activeId).toBe("t1");
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      const undone = undo?.();
      await new Promise((resolve) => setTimeout(resolve));
      // The back end wouldn't find it yet.
      expect(client.revert).not.toHaveBeenCalled();
      restored.resolve({ id: "t1", title: null, created_at: created });
      await Promise.all([broughtBack, undone]);
      expect(texts(store)).toEqual(ALL);
    });

    it("can't be taken back in a conversation that is deleted", async () => {
      const onNotice = vi.fn();
      const { chat, client, store, idleAgain } = await opened({ onNotice }, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      await store.remove("t1");
      await undo?.();
      expect(client.revert).not.toHaveBeenCalled();
      expect(onNotice).toHaveBeenCalledExactlyOnceWith("That conversation doesn't exist any more.");
    });

    it("is taken back at the back end, too, that had it though its answer was lost", async () => {
      const { chat, client, store, become } = await opened({}, away());
      const undo = chat.edit("u2", "TWO");
      await eventually(() => expect(chat.active.getSnapshot().run).toBe("queued"));
      become(after);
      vi.mocked(client.revert).mockImplementationOnce(async () => become(before));
      await undo?.();
      expect(client.revert).toHaveBeenCalledExactlyOnceWith("t1", "u4");
      expect(texts(store)).toEqual(ALL);
    });

    it("leaves what it was to replace where it isn't taken, and goes out in its place after all", async () => {
      const refused = new RequestError("failed", "Out of order", 500);
      const { chat, store, sent, idleAgain } = await opened({}, refused, answer);
      chat.edit("u2", "TWO");
      await idleAgain();
      expect(texts(store)).toEqual([...ALL, "TWO"]);
      await store.retry();
      expect(sent[1]?.request.metadata).toEqual({ replaces: "u2" });
      expect(sent[1]?.key).toBe(sent[0]?.key);
      expect(texts(store)).toEqual(["one", "1", "TWO", "II"]);
    });

    it("is given up without a word to the back end that never had it", async () => {
      const { chat, client, store, outbox } = await opened({}, away());
      const undo = chat.edit("u2", "TWO");
      await eventually(() => expect(chat.active.getSnapshot().run).toBe("queued"));
      await undo?.();
      expect(texts(store)).toEqual(ALL);
      expect(chat.active.getSnapshot()).toMatchObject({ run: "idle", error: undefined });
      expect([client.revert, client.stop].map((mock) => vi.mocked(mock).mock.calls)).toEqual([
        [],
        [],
      ]);
      expect(outbox.changes).toEqual([]);
    });

    it("goes out in its place when it was written before the page was loaded anew", async () => {
      const first = await opened({}, away());
      first.chat.edit("u2", "TWO");
      await eventually(() => expect(first.chat.active.getSnapshot().run).toBe("queued"));
      first.store.dispose();

      const later = await opened({ storage: first.storage }, answer);
      await later.outbox.start();
      later.chat.restore();
      await eventually(() => expect(texts(later.store)).toEqual(["one", "1", "TWO", "II"]));
      expect(later.sent[0]?.request.metadata).toEqual({ replaces: "u2" });
    });

    it("says so where it can't be taken back", async () => {
      const onNotice = vi.fn();
      const { chat, client, store, idleAgain, become } = await opened({ onNotice }, answer);
      const undo = chat.edit("u2", "TWO");
      await idleAgain();
      become(after);
      vi.mocked(client.revert).mockRejectedValueOnce(new RequestError("not-found", "Gone.", 404));
      await undo?.();
      expect(onNotice).toHaveBeenCalledExactlyOnceWith("That couldn't be undone. Gone.");
      expect(texts(store)).toEqual(["one", "1", "TWO", "II"]);
    });

    it("has to be one that the back end has, while nothing is under way", async () => {
      const { chat } = await opened({}, away());
      expect(chat.edit("local-1", "x")).toBeNull();
      void chat.send("four");
      await eventually(() => expect(chat.active.getSnapshot().run).toBe("queued"));
      expect(chat.edit("u2", "x")).toBeNull();
    });
  });

  describe("a deleted thread that is taken back", () => {
    const thread = (id: string, day: number) => ({
      ...{ id, title: id, created_at: created },
      updated_at: `2030-01-0${day}T00:00:00Z`,
    });
    const [t1, t2, t3] = [thread("t1", 1), thread("t2", 2), thread("t3", 3)];
    const items = { data: [assistant("a1", "two"), user("u1", "one")], has_more: false };
    const listed = (store: Store) => store.getSnapshot().threads.map(({ id }) => id);

    async function opened(options: RigOptions = {}, ...answers: Answer[]) {
      const rig = scripted(...answers);
      rig.request.mockImplementation(async (type) => {
        if (type === "threads.list") return { data: [t3, t2, t1], has_more: false };
        return type === "items.list" ? items : {};
      });
      vi.mocked(rig.client.restore).mockImplementation(async (id) => thread(id, 2));
      const set = setUp(rig.client, options);
      await set.store.loadThreads();
      await set.store.open("t2");
      return { ...rig, ...set };
    }

    it("is in its old place again, and open with its messages", async () => {
      const onMoved = vi.fn();
      const { store, client } = await opened({ onMoved });
      const undo = await store.remove("t2");
      expect(listed(store)).toEqual(["t3", "t1"]);
      expect(onMoved).toHaveBeenLastCalledWith(null);
      await undo();
      expect(client.restore).toHaveBeenCalledExactlyOnceWith("t2");
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
      expect(store.getSnapshot().activeId).toBe("t2");
      expect(texts(store)).toEqual(["one", "two"]);
      expect(onMoved).toHaveBeenLastCalledWith("t2");
    });

    it("is asked for again only when it is back", async () => {
      const { store, client, request } = await opened();
      const undo = await store.remove("t2");
      const back = held<ReturnType<typeof thread>>();
      vi.mocked(client.restore).mockReturnValueOnce(back.promise);
      request.mockClear();
      const undone = undo();
      // Its messages are still known.
      expect(texts(store)).toEqual(["one", "two"]);
      await new Promise((resolve) => setTimeout(resolve));
      expect(request).not.toHaveBeenCalled();
      back.resolve(t2);
      await undone;
      await eventually(() =>
        expect(request).toHaveBeenCalledWith(
          "items.list",
          expect.objectContaining({ thread_id: "t2" }),
        ),
      );
    });

    it("isn't opened when one has gone on with something else", async () => {
      const { store } = await opened();
      const undo = await store.remove("t2");
      await store.open("t1");
      await undo();
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
      expect(store.getSnapshot().activeId).toBe("t1");
    });

    it("never goes to the back end where it hadn't heard of the deletion", async () => {
      const { store, client, request, connection, comeBack } = await opened();
      connection.lost();
      request.mockClear();
      const undo = await store.remove("t1");
      expect(listed(store)).toEqual(["t3", "t2"]);
      await undo();
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
      await comeBack();
      expect(client.restore).not.toHaveBeenCalled();
      expect(request).not.toHaveBeenCalledWith("threads.delete", expect.anything());
    });

    it("stays where the deletion is still on its way", async () => {
      const { store, client, request } = await opened();
      const deleting = held();
      request.mockReturnValueOnce(deleting.promise);
      const undo = store.chat.remove("t1");
      undo();
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
      deleting.resolve({});
      await eventually(() => expect(client.restore).toHaveBeenCalledExactlyOnceWith("t1"));
      expect(listed(store)).toContain("t1");
    });

    it("comes back after an outage, and after the page was loaded anew", async () => {
      const { store, storage, connection } = await opened();
      const undo = await store.remove("t1");
      connection.lost();
      await undo();
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
      store.dispose();

      const anew = scripted();
      vi.mocked(anew.client.restore).mockResolvedValue(t1);
      const later = setUp(anew.client, { storage });
      await later.outbox.start();
      expect(anew.client.restore).toHaveBeenCalledExactlyOnceWith("t1");
      expect(listed(later.store)).toEqual(["t1"]);
    });

    it("says so where it is gone for good", async () => {
      const onNotice = vi.fn();
      const { store, client } = await opened({ onNotice });
      const undo = await store.remove("t1");
      vi.mocked(client.restore).mockRejectedValueOnce(new RequestError("not-found", "no", 404));
      await undo();
      expect(listed(store)).toEqual(["t3", "t2"]);
      expect(onNotice).toHaveBeenCalledExactlyOnceWith("That conversation is gone for good.");
    });

    it("can be asked for again where the back end didn't manage", async () => {
      const [onNotice, onNotRestored] = [vi.fn(), vi.fn()];
      const { store, client } = await opened({ onNotice, onNotRestored });
      const undo = await store.remove("t1");
      for (const status of [500, 429]) {
        const refused = new RequestError("failed", "One moment, please.", status);
        vi.mocked(client.restore).mockRejectedValueOnce(refused);
      }
      await undo();
      expect(listed(store)).toEqual(["t3", "t2"]);
      const again = expect.any(Function);
      expect(onNotRestored.mock.calls).toEqual([["t1", "One moment, please.", again]]);
      const ask = () => onNotRestored.mock.lastCall?.[2]();
      ask();
      await eventually(() => expect(onNotRestored).toHaveBeenCalledTimes(2));
      ask();
      await eventually(() => expect(listed(store)).toContain("t1"));
      expect(onNotRestored).toHaveBeenCalledTimes(2);
      expect(onNotice).not.toHaveBeenCalled();
    });

    it("has the message again that waited in it", async () => {
      const { store, connection, outbox } = await opened();
      connection.lost();
      await store.send("three");
      const undo = await store.remove("t2");
      expect(outbox.changes.map(({ kind }) => kind)).toEqual(["thread.delete"]);
      await undo();
      expect(outbox.changes).toMatchObject([{ kind: "message", text: "three", threadId: "t2" }]);
      await eventually(() => expect(texts(store)).toEqual(["one", "two", "three"]));
    });

    it("in another window is in this one's list again", async () => {
      const { store, request } = await opened();
      await store.remove("t1");
      expect(listed(store)).toEqual(["t3", "t2"]);
      request.mockResolvedValueOnce({ data: [t3, t2, t1], has_more: false });
      await store.loadThreads();
      expect(listed(store)).toEqual(["t3", "t2", "t1"]);
    });
  });

  describe("the list of threads", () => {
    const row = (id: string, title = id) => ({ id, title, created_at: created });
    const page = (ids: string[], after: string | null = null) => ({
      data: ids.map((id) => row(id)),
      has_more: after !== null,
      after,
    });
    const listed = (store: Store): string[] =>
      store.getSnapshot().threads.map(({ title }) => title ?? "");

    async function list(ids: string[], after: string | null, ...answers: Answer[]) {
      const rig = scripted(...answers);
      rig.request.mockResolvedValueOnce(page(ids, after));
      const { store } = setUp(rig.client);
      await store.loadThreads();
      return { ...rig, store };
    }

    it("takes back what couldn't be kept, and leaves what else has happened", async () => {
      const { store, request } = await list(["t3", "t2", "t1"], null);
      const [renaming, removing] = [held(), held()];
      request
        .mockReturnValueOnce(renaming.promise)
        .mockReturnValueOnce(removing.promise)
        .mockResolvedValueOnce({});
      const changes = [store.rename("t3", "New"), store.remove("t1")];
      await store.remove("t2");
      expect(listed(store)).toEqual(["New"]);
      removing.reject(new RequestError("failed", "Out of order", 500));
      renaming.reject(new RequestError("failed", "Out of order", 500));
      await Promise.all(changes);
      expect(listed(store)).toEqual(["t3", "t1"]);
    });

    it("is read again after an outage, as it may have changed elsewhere meanwhile", async () => {
      const { client, request } = scripted();
      request.mockResolvedValueOnce(page(["t1"])).mockResolvedValueOnce(page(["t2", "t1"]));
      const { store, connection, comeBack } = setUp(client);
      await store.loadThreads();
      connection.lost();
      await comeBack({ listing: true });
      await eventually(() => expect(listed(store)).toEqual(["t2", "t1"]));
    });

    it("takes a thread that is gone already for deleted", async () => {
      const onNotice = vi.fn();
      const { client, request } = scripted();
      request
        .mockResolvedValueOnce(page(["t1"]))
        .mockRejectedValueOnce(new RequestError("not-found", "gone", 404));
      const { store } = setUp(client, { onNotice });
      await store.loadThreads();
      await store.remove("t1");
      expect(listed(store)).toEqual([]);
      expect(onNotice).not.toHaveBeenCalled();
    });

    it("doesn't bring back a thread that is being deleted, nor send its message again", async () => {
      const [titled, broken] = [held<ThreadEvent>(), held<Error>()];
      const { client, sent, request } = scripted(
        [threadCreated, done(user("u1", "hi")), titled.promise, broken.promise],
        [],
      );
      const deleting = held();
      request.mockReturnValueOnce(deleting.promise).mockResolvedValueOnce(page(["t1"]));
      const { store } = setUp(client);
      const sending = store.send("hi");
      await eventually(() => expect(listed(store)).toHaveLength(1));
      const removing = store.remove("t1");
      await store.loadThreads();
      expect(listed(store)).toEqual([]);
      titled.resolve({ type: "thread.updated", thread: row("t1") });
      broken.resolve(new Error("reset"));
      await sending;
      expect(listed(store)).toEqual([]);
      deleting.resolve({});
      await removing;
      expect(sent).toHaveLength(1);
      expect(store.getSnapshot().activeId).toBeNull();
    });

    it("ends what runs in a thread that was deleted", async () => {
      const broken = held<Error>();
      const { client, sent, request } = scripted([threadCreated, broken.promise], []);
      request.mockResolvedValueOnce({});
      const { store } = setUp(client);
      const sending = store.send("hi");
      await eventually(() => expect(listed(store)).toHaveLength(1));
      await store.remove("t1");
      broken.resolve(new Error("reset"));
      await sending;
      expect(sent).toHaveLength(1);
      expect(listed(store)).toEqual([]);
    });

    it("has the thread first that changed last, as the back end has", async () => {
      const { store, request } = await list(["t3", "t2", "t1"], "t1", [
        done(user("u1", "hi")),
        done(assistant("a1", "Hello")),
        over,
      ]);
      request.mockResolvedValueOnce({}).mockResolvedValueOnce({ data: [], has_more: false });
      await store.rename("t2", "t2 renamed");
      expect(listed(store)).toEqual(["t2 renamed", "t3", "t1"]);
      await store.open("t1");
      await store.send("hi");
      expect(listed(store)).toEqual(["t1", "t2 renamed", "t3"]);

      // What was read ended with t1, which is older than what is above it no more.
      request.mockResolvedValueOnce(page(["t0"]));
      await store.loadMoreThreads();
      expect(request).toHaveBeenLastCalledWith("threads.list", {
        limit: 30,
        order: "desc",
        after: "t3",
      });
      expect(listed(store)).toEqual(["t1", "t2 renamed", "t3", "t0"]);
    });

    it("finds older threads though the last one was moved to the top elsewhere", async () => {
      const { store, request } = await list(["t3", "t2"], "t2");
      request
        .mockResolvedValueOnce(page(["t3"], "t3"))
        .mockResolvedValueOnce(page(["t1", "t0"], "t0"));
      await store.loadMoreThreads();
      expect(listed(store)).toEqual(["t3", "t2", "t1", "t0"]);
      request.mockResolvedValueOnce(page([]));
      await store.loadMoreThreads();
      expect(request).toHaveBeenLastCalledWith(
        "threads.list",
        expect.objectContaining({ after: "t0" }),
      );
      expect(store.getSnapshot().hasMoreThreads).toBe(false);
    });
  });

  it("ends what runs when it is disposed of, and sends nothing any more", async () => {
    const { client, sent } = scripted([threadCreated, new Error("reset")]);
    const { store } = setUp(client);
    const sending = store.send("hi");
    store.dispose();
    await sending;
    expect(sent).toHaveLength(1);

    const waiting = scripted(away());
    const other = setUp(waiting.client);
    await other.store.send("hi");
    other.store.dispose();
    await other.comeBack();
    expect(waiting.sent).toHaveLength(1);
  });
});
