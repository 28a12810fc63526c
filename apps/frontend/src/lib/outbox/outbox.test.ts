import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../connection";
import { RequestError } from "../http";
import type { Change, Waiting } from "./changes";
import { MemoryStorage } from "./memory-storage.fixture";
import { Outbox } from "./outbox";

const edit = (id: string): Change => ({ kind: "task.edit", id, changes: { title: id } });
const away = () => new RequestError("unavailable", "Away", 503);
const failed = (retryAfterMs?: number) =>
  new RequestError("failed", "Slow down", 429, retryAfterMs);

describe("Outbox", () => {
  let storage: MemoryStorage;
  let connection: Connection;
  let outbox: Outbox;
  let reachable: boolean;
  const send = vi.fn<(change: Waiting) => Promise<void>>();
  const refused = vi.fn<(change: Waiting, error: RequestError) => "keep" | "drop">();
  const onLeave = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    send.mockReset().mockResolvedValue(undefined);
    refused.mockReset().mockReturnValue("drop");
    onLeave.mockReset();
    reachable = true;
    storage = new MemoryStorage();
    connection = new Connection(async () => reachable);
    outbox = new Outbox({ storage, connection, tab: "tab", onLeave });
    outbox.handle("task", { send, refused });
  });
  afterEach(() => {
    outbox.dispose();
    connection.dispose();
    vi.useRealTimers();
  });

  const sent = () => send.mock.calls.map(([change]) => "id" in change && change.id);
  const waiting = () => outbox.changes.map((change) => "id" in change && change.id);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  /** Has a change wait through an outage, after which the back end answers like this. */
  async function afterOutage(error: RequestError): Promise<void> {
    reachable = false;
    connection.lost();
    await outbox.add(edit("a"));
    send.mockRejectedValue(error);
    reachable = true;
    await connection.retryNow();
    await pass(0);
  }

  it("sends a change at once, marked as tried, and forgets it", async () => {
    send.mockImplementation(async () => {
      expect(storage.read()).toMatchObject([{ id: "a", tried: true, tab: "tab" }]);
    });
    expect(await outbox.add(edit("a"))).toBe(true);
    expect(sent()).toEqual(["a"]);
    expect(outbox.changes).toEqual([]);
    expect(storage.read()).toEqual([]);
  });

  it("keeps what can't be sent, and sends it in order once the back end is back", async () => {
    send.mockRejectedValueOnce(away());
    expect(await outbox.add(edit("a"))).toBe(false);
    expect(connection.getSnapshot().status).toBe("away");
    expect(await outbox.add(edit("b"))).toBe(false);
    expect(sent()).toEqual(["a"]);
    expect(outbox.changes.map(({ waited }) => waited)).toEqual([true, true]);
    await connection.retryNow();
    await pass(0);
    expect(sent()).toEqual(["a", "a", "b"]);
    expect(waiting()).toEqual([]);
  });

  it("says whether something is on its way, and waits for it", async () => {
    let done = (): void => undefined;
    send.mockReturnValue(
      new Promise((resolve) => {
        done = resolve;
      }),
    );
    expect(outbox.isSending("tasks")).toBe(false);
    void outbox.add(edit("a"));
    expect(outbox.isSending("tasks")).toBe(true);
    expect(outbox.isSending("thread 1")).toBe(false);
    let settled = false;
    void outbox.settled("tasks").then(() => {
      settled = true;
    });
    await pass(0);
    expect(settled).toBe(false);
    done();
    await pass(0);
    expect(settled).toBe(true);
    expect(outbox.isSending("tasks")).toBe(false);
  });

  it("gives up or keeps what is refused, as its handler says", async () => {
    const no = new RequestError("rejected", "No", 422);
    send.mockRejectedValue(no);
    await outbox.add(edit("a"));
    expect(refused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: "a" }), no);
    expect(waiting()).toEqual([]);
    refused.mockReturnValue("keep");
    expect(await outbox.add(edit("b"))).toBe(false);
    expect(outbox.changes).toMatchObject([{ id: "b", problem: "No" }]);
    expect(storage.read()).toMatchObject([{ id: "b", problem: "No" }]);
  });

  it("goes on with the next change where one was refused and is kept", async () => {
    send.mockRejectedValueOnce(new RequestError("rejected", "No", 422));
    refused.mockReturnValue("keep");
    await outbox.add(edit("a"));
    expect(await outbox.add(edit("b"))).toBe(true);
    expect(waiting()).toEqual(["a"]);
  });

  it("sends a refused change again when that is asked for, without its problem", async () => {
    send.mockRejectedValueOnce(new RequestError("rejected", "No", 422));
    refused.mockReturnValue("keep");
    await outbox.add(edit("a"));
    const [{ entry = "" } = {}] = outbox.changes;
    expect(await outbox.again("nothing")).toBe(false);
    expect(await outbox.again(entry)).toBe(true);
    expect(send.mock.lastCall?.[0].problem).toBeUndefined();
    expect(waiting()).toEqual([]);
  });

  it.each(["signed-out", "other-user"] as const)(
    "keeps all for when one is back: %s",
    async (kind) => {
      const error = new RequestError(kind, "Gone", 401);
      send.mockRejectedValue(error);
      await outbox.add(edit("a"));
      expect(onLeave).toHaveBeenCalledExactlyOnceWith(error);
      expect(waiting()).toEqual(["a"]);
      expect(refused).not.toHaveBeenCalled();
    },
  );

  describe("a back end that doesn't manage", () => {
    it("is asked no more than once for what somebody waits for", async () => {
      send.mockRejectedValue(failed());
      await outbox.add(edit("a"));
      await pass(120_000);
      expect(sent()).toEqual(["a"]);
      expect(refused).toHaveBeenCalledOnce();
    });

    it("is asked five times for what has waited: after 2, 4, 8 and 16 s", async () => {
      await afterOutage(failed());
      for (const [seconds, before, after] of [
        [2, 1, 2],
        [4, 2, 3],
        [8, 3, 4],
        [16, 4, 5],
      ] as const) {
        await pass(seconds * 1_000 - 1);
        expect(sent()).toHaveLength(before);
        expect(refused).not.toHaveBeenCalled();
        await pass(1);
        expect(sent()).toHaveLength(after);
      }
      expect(refused).toHaveBeenCalledOnce();
      await pass(120_000);
      expect(sent()).toHaveLength(5);
    });

    it.each([
      [1_000, 2_000],
      [10_000, 10_000],
      [600_000, 60_000],
    ])(
      "is left alone for as long as it asks for, %i ms, within reason: %i ms",
      async (asked, waits) => {
        await afterOutage(failed(asked));
        await pass(waits - 1);
        expect(sent()).toHaveLength(1);
        await pass(1);
        expect(sent()).toHaveLength(2);
      },
    );

    it("gets five tries of each change anew", async () => {
      await afterOutage(failed());
      await pass(2_000);
      send.mockResolvedValueOnce(undefined);
      await pass(4_000);
      expect(waiting()).toEqual([]);
      send.mockClear();
      await afterOutage(failed());
      await pass(1_999);
      expect(sent()).toHaveLength(1);
      await pass(1);
      expect(sent()).toHaveLength(2);
    });

    it("is asked at once where a person wants that, and for the first time as it were", async () => {
      await afterOutage(failed());
      await pass(2_000);
      const [{ entry = "" } = {}] = outbox.changes;
      expect(await outbox.again(entry)).toBe(false);
      expect(sent()).toHaveLength(3);
      await pass(1_999);
      expect(sent()).toHaveLength(3);
      await pass(1);
      expect(sent()).toHaveLength(4);
    });

    it("has what comes later wait behind it", async () => {
      await afterOutage(failed());
      expect(await outbox.add(edit("b"))).toBe(false);
      expect(sent()).toEqual(["a"]);
      send.mockResolvedValue(undefined);
      await pass(2_000);
      expect(sent()).toEqual(["a", "a", "b"]);
    });

    it("isn't asked any more once the page has gone", async () => {
      await afterOutage(failed());
      outbox.dispose();
      await pass(120_000);
      expect(sent()).toHaveLength(1);
    });
  });

  it("keeps the order of changes where the clock is put back", async () => {
    vi.setSystemTime("2030-01-02T00:00:00Z");
    outbox.keep(edit("a"));
    vi.setSystemTime("2030-01-01T00:00:00Z");
    outbox.keep(edit("b"));
    outbox.keep(edit("c"));
    expect(waiting()).toEqual(["a", "b", "c"]);
    expect(outbox.changes.map(({ at }) => at)).toEqual([
      "2030-01-02T00:00:00.000Z",
      "2030-01-01T00:00:00.000Z",
      "2030-01-01T00:00:00.000Z",
    ]);
  });

  it("doesn't keep a change as waiting while the back end is there", () => {
    expect(outbox.keep(edit("a")).waited).toBeUndefined();
    connection.lost();
    expect(outbox.keep(edit("b")).waited).toBe(true);
  });

  it("changes what is kept, and nothing that is gone", () => {
    const kept = outbox.keep(edit("a"));
    outbox.update(kept, { tried: true });
    expect(storage.read()).toMatchObject([{ id: "a", tried: true }]);
    outbox.remove(kept.entry);
    outbox.update(kept, { tried: true });
    expect(storage.read()).toEqual([]);
    expect(outbox.changes).toEqual([]);
  });

  it("says whether what waits would outlive the page", () => {
    const durable = () => outbox.getSnapshot().durable;
    expect(durable()).toBe(true);
    const write = vi.spyOn(storage, "write").mockReturnValue(false);
    const kept = outbox.keep(edit("a"));
    expect(durable()).toBe(false);
    write.mockReturnValue(true);
    const other = outbox.keep(edit("b"));
    expect(durable()).toBe(false);
    outbox.remove(other.entry);
    expect(durable()).toBe(false);
    outbox.update(kept, { tried: true });
    expect(durable()).toBe(true);
    write.mockReturnValue(false);
    outbox.update(kept, {});
    outbox.remove(kept.entry);
    expect(durable()).toBe(true);
  });

  it("counts what a person would call unsent", () => {
    outbox.keep(edit("a"));
    outbox.keep({ kind: "answer.stop", key: "k" });
    expect(outbox.unsent).toBe(1);
  });

  it("forgets all that waits, in any tab", () => {
    storage.write({ ...edit("x"), entry: "0", tab: "other", at: "2030-01-01T00:00:00Z" });
    outbox.keep(edit("a"));
    expect(outbox.all().map((change) => "id" in change && change.id)).toEqual(["x", "a"]);
    outbox.clear();
    expect(storage.read()).toEqual([]);
    expect(waiting()).toEqual([]);
  });

  it("takes up what this tab has left, as what has waited, and nothing of another one", async () => {
    const left = { entry: "0", at: "2030-01-01T00:00:00Z" };
    storage.write({ ...edit("mine"), ...left, tab: "tab" });
    storage.write({ ...edit("theirs"), ...left, entry: "1", tab: "other" });
    await outbox.start();
    await pass(0);
    expect(send.mock.calls.map(([change]) => change)).toMatchObject([{ id: "mine", waited: true }]);
    expect(storage.read()).toMatchObject([{ id: "theirs", tab: "other" }]);
  });

  it("sends changes that nobody handles not, and keeps them", async () => {
    expect(await outbox.add({ kind: "thread.rename", id: "t", title: "T" })).toBe(false);
    expect(send).not.toHaveBeenCalled();
    expect(outbox.changes).toHaveLength(1);
  });
});
