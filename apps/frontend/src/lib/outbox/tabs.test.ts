// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "@/lib/eventually.fixture";
import { Connection } from "../connection";
import type { Change } from "./changes";
import { MemoryStorage } from "./memory-storage.fixture";
import { Outbox } from "./outbox";
import { openTabs, type Tabs } from "./tabs";

/** A browser's locks, as far as tabs need them. */
class Locks {
  private readonly held = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    options: { ifAvailable?: boolean } | ((lock: object) => unknown),
    given?: (lock: object | null) => unknown,
  ): Promise<unknown> {
    const work = typeof options === "function" ? options : given;
    const ifAvailable = typeof options === "object" && options.ifAvailable;
    if (this.held.has(name) && ifAvailable) return work?.(null as never);
    while (this.held.has(name)) await this.held.get(name);
    const done = Promise.resolve(work?.({ name }));
    this.held.set(name, done);
    await done.finally(() => this.held.delete(name));
    return done;
  }

  async query() {
    return { held: [...this.held.keys()].map((name) => ({ name })) };
  }
}

/** Channels between the tabs of one browser. */
class Channels {
  static open = new Set<Channels>();
  private listener: ((event: { data: unknown }) => void) | undefined;
  constructor(private readonly name: string) {
    Channels.open.add(this);
  }
  addEventListener(_type: string, listener: (event: { data: unknown }) => void): void {
    this.listener = listener;
  }
  postMessage(data: unknown): void {
    for (const other of Channels.open) {
      if (other !== this && other.name === this.name)
        queueMicrotask(() => other.listener?.({ data }));
    }
  }
  close(): void {
    Channels.open.delete(this);
  }
}

const ADD = (title: string): Change => ({
  kind: "task.add",
  ...{ id: `local-${title}`, key: title, fields: { title } },
});

describe.each(["locks", "questions"])("tabs that find each other by %s", (way) => {
  let storage: MemoryStorage;
  let sent: string[];
  let reachable: boolean;
  let open: { outbox: Outbox; connection: Connection; tabs: Tabs }[];

  beforeEach(() => {
    storage = new MemoryStorage();
    sent = [];
    reachable = false;
    open = [];
    sessionStorage.clear();
    vi.stubGlobal("BroadcastChannel", Channels);
    vi.stubGlobal("navigator", way === "locks" ? { locks: new Locks() } : {});
  });
  afterEach(() => {
    for (const page of open) {
      page.tabs.close();
      page.outbox.dispose();
      page.connection.dispose();
    }
    vi.unstubAllGlobals();
  });

  /** A page of the browser in the tab whose `sessionStorage` is there. */
  async function openPage() {
    const connection = new Connection(async () => reachable);
    if (!reachable) connection.lost();
    const outbox = new Outbox({ storage, connection, tab: "" });
    outbox.handle("task", {
      async send(change) {
        // The other tab has every chance to do the same meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 5));
        sent.push("key" in change ? change.key : change.kind);
      },
      refused: () => "drop",
    });
    const tabs = openTabs("ada");
    const page = { outbox, connection, tabs, waiting: () => outbox.changes.map(keyOf) };
    open.push(page);
    await outbox.start(tabs);
    return page;
  }
  const keyOf = (change: Change): string => ("key" in change ? change.key : change.kind);
  const adopt = (page: { outbox: Outbox; tabs: Tabs }) => page.outbox.adopt(page.tabs);
  const comeBack = async () => {
    reachable = true;
    await Promise.all(open.map(({ connection }) => connection.retryNow()));
    await eventually(() => expect(storage.read()).toEqual([]));
  };
  const close = (page: (typeof open)[number]): void => {
    page.tabs.close();
    page.outbox.dispose();
    page.connection.dispose();
    open = open.filter((other) => other !== page);
  };

  it("a duplicated one has an id of its own, and leaves what the other one has in hand", async () => {
    const first = await openPage();
    void first.outbox.add(ADD("a"));
    // What duplicating copies is there for the second page, too.
    const second = await openPage();
    await adopt(second);
    void second.outbox.add(ADD("b"));
    expect(first.waiting()).toEqual(["a"]);
    expect(second.waiting()).toEqual(["b"]);
    expect(new Set(storage.read().map(({ tab }) => tab)).size).toBe(2);
    await comeBack();
    expect(sent.sort()).toEqual(["a", "b"]);
  });

  it("one that is loaded again goes on with what it had", async () => {
    const first = await openPage();
    void first.outbox.add(ADD("a"));
    close(first);
    await new Promise((resolve) => setTimeout(resolve));
    const again = await openPage();
    expect(again.waiting()).toEqual(["a"]);
    await comeBack();
    expect(sent).toEqual(["a"]);
  });

  it("one that is gone leaves what it had to one of the others alone", async () => {
    const first = await openPage();
    void first.outbox.add(ADD("a"));
    const [second, third] = [await openPage(), await openPage()];
    close(first);
    await new Promise((resolve) => setTimeout(resolve));
    if (way === "locks") await Promise.all([adopt(second), adopt(third)]);
    else await adopt(second);
    expect([...second.waiting(), ...third.waiting()]).toEqual(["a"]);
    await comeBack();
    expect(sent).toEqual(["a"]);
  });

  it("what is done before a tab knows which one it is belongs to it all the same", async () => {
    const connection = new Connection(async () => reachable);
    connection.lost();
    const outbox = new Outbox({ storage, connection, tab: "" });
    const tabs = openTabs("ada");
    open.push({ outbox, connection, tabs });
    void outbox.add(ADD("early"));
    await outbox.start(tabs);
    expect(outbox.changes.map(keyOf)).toEqual(["early"]);
    expect(storage.read()[0]?.tab).toBe(sessionStorage.getItem("tab"));
  });
});

it.each(["locks", "questions"])("a tab that is closing takes nothing over: %s", async (way) => {
  vi.stubGlobal("BroadcastChannel", Channels);
  vi.stubGlobal("navigator", way === "locks" ? { locks: new Locks() } : {});
  const tabs = openTabs("ada");
  tabs.close();
  expect(await tabs.find(["gone"])).toEqual(new Set(["gone"]));
  vi.unstubAllGlobals();
});

it("a tab is the same one over reloads, though the page before is still there", async () => {
  sessionStorage.setItem("tab", "mine");
  vi.stubGlobal("BroadcastChannel", Channels);
  vi.stubGlobal("navigator", {});
  const before = openTabs("ada");
  expect(await before.claim()).toBe("mine");
  const other = openTabs("ada");
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([{ type: "reload" } as never]);
  expect(await other.claim()).toBe("mine");
  vi.restoreAllMocks();
  const duplicate = openTabs("ada");
  expect(await duplicate.claim()).not.toBe("mine");
  for (const tabs of [before, other, duplicate]) tabs.close();
  vi.unstubAllGlobals();
});
