import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import { uniqueId } from "../unique-id";
import { type Change, countUnsent, laneOf, type Waiting } from "./changes";
import type { OutboxStorage } from "./storage";
import type { Tabs } from "./tabs";

/** What is done with changes of one kind. */
export interface Handler {
  /** Sends it. Rejects with a `RequestError` when the back end didn't take it. */
  send(change: Waiting): Promise<void>;
  /**
   * The back end has refused it. Tells whether it stays, for the person to decide, or is given up;
   * how the person hears of it is the handler's affair.
   */
  refused(change: Waiting, error: RequestError): "keep" | "drop";
}

export interface OutboxOptions {
  storage: OutboxStorage;
  connection: Connection;
  /** This tab, until it is known which of the browser's it is. */
  tab: string;
  /** The session has ended, or somebody else has signed in; what waits is kept. */
  onLeave?: (error: RequestError) => void;
}

export interface OutboxState {
  changes: readonly Waiting[];
  /** Whether all of them would outlive the page. */
  durable: boolean;
}

/** How often a change that has waited is sent to a back end that doesn't manage, before the person is asked. */
const MOST_FAILURES = 5;
/** How long the next try waits after the first failure, in milliseconds; twice as long after each more. */
const FIRST_PAUSE_MS = 2_000;
/** The longest that a back end may ask to be left alone, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * What a person has done and the back end hasn't heard of yet. It is kept in the browser and sent in
 * order, again and again, until it is taken or refused. Messages are only kept here: the conversation
 * sends them, since they have an answer.
 */
export class Outbox extends Observable<OutboxState> {
  private readonly handlers = new Map<string, Handler>();
  private readonly sending = new Map<string, Promise<void>>();
  private readonly fleeting = new Set<string>();
  /** How often each change was sent to a back end that didn't manage. */
  private readonly failures = new Map<string, number>();
  /** Lanes that leave the back end alone for a while. */
  private readonly pauses = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly unregister: () => void;
  private tab: string;
  private starting: Promise<void> | undefined;
  private disposed = false;

  constructor(private readonly options: OutboxOptions) {
    super({ changes: [], durable: true });
    this.tab = options.tab;
    this.unregister = options.connection.whenBack(() => this.sendAll());
  }

  dispose(): void {
    this.disposed = true;
    this.unregister();
    for (const timer of this.pauses.values()) clearTimeout(timer);
  }

  /** Says what is done with changes whose kind begins with `prefix`. */
  handle(prefix: string, handler: Handler): void {
    this.handlers.set(prefix, handler);
  }

  /** Takes up what this tab left behind. Nothing is sent before it is known which tab this is. */
  start(tabs?: Tabs): Promise<void> {
    this.starting = this.takeUp(tabs).finally(() => {
      this.starting = undefined;
      this.sendAll();
    });
    return this.starting;
  }

  /** Takes over what tabs did that are gone. */
  async adopt(tabs: Tabs): Promise<void> {
    const { storage } = this.options;
    const others = (): Waiting[] => storage.read().filter(({ tab }) => tab !== this.tab);
    if (others().length === 0) return;
    const takeOver = async (): Promise<void> => {
      const ids = [...new Set(others().map(({ tab }) => tab))];
      const open = await tabs.find(ids);
      if (this.disposed) return;
      // Read again: their owners may have been at it meanwhile.
      for (const change of others()) {
        if (!open.has(change.tab)) this.write({ ...change, tab: this.tab, waited: true });
      }
    };
    await tabs.alone(takeOver);
    this.sendAll();
  }

  private async takeUp(tabs?: Tabs): Promise<void> {
    if (tabs) this.tab = await tabs.claim();
    for (const change of this.changes) {
      if (change.tab !== this.tab) this.write({ ...change, tab: this.tab });
    }
    const left = this.options.storage
      .read()
      .filter(({ tab, entry }) => tab === this.tab && !this.has(entry))
      .map((change): Waiting => ({ ...change, waited: true }));
    this.show([...this.changes, ...left].sort(byEntry));
  }

  /** Keeps a change and sends it as soon as it is its turn. Resolves to whether it was taken at once. */
  async add(change: Change): Promise<boolean> {
    const waiting = this.keep(change);
    await this.drain(laneOf(change));
    return !this.has(waiting.entry);
  }

  /** Sends what a lane holds, as far as that is possible now. */
  flush(lane: string): Promise<void> {
    return this.drain(lane);
  }

  /** Keeps a change without sending it. */
  keep(change: Change): Waiting {
    // A clock that is put back mustn't send the next change before those that wait already.
    const last = Number.parseInt(this.changes.at(-1)?.entry ?? "", 36) || 0;
    const time = Math.max(Date.now(), last + 1)
      .toString(36)
      .padStart(9, "0");
    const waiting: Waiting = {
      ...change,
      entry: `${time}-${uniqueId().slice(0, 8)}`,
      tab: this.tab,
      at: new Date().toISOString(),
      ...(this.options.connection.getSnapshot().status === "away" ? { waited: true } : {}),
    };
    this.write(waiting);
    return waiting;
  }

  /** Changes what is kept. */
  update<C extends Change>(change: Waiting<C>, changes: Partial<Waiting<C>>): void {
    if (this.has(change.entry)) this.write({ ...change, ...changes } as Waiting);
  }

  remove(...entries: string[]): void {
    for (const entry of entries) {
      this.options.storage.remove(entry);
      this.fleeting.delete(entry);
    }
    this.show(this.changes.filter(({ entry }) => !entries.includes(entry)));
  }

  /** Has changes wait again that were removed, each in its place. */
  putBack(changes: readonly Waiting[]): void {
    for (const change of changes) this.write(change);
    this.sendAll();
  }

  /** Forgets all that waits, in any tab of this browser. */
  clear(): void {
    this.remove(...this.all().map(({ entry }) => entry));
  }

  get changes(): readonly Waiting[] {
    return this.getSnapshot().changes;
  }

  /** What waits in any tab of this browser. */
  all(): readonly Waiting[] {
    const { storage } = this.options;
    const others = storage.read().filter(({ entry }) => !this.has(entry));
    return [...this.changes, ...others].sort(byEntry);
  }

  /** How many changes the back end hasn't taken. */
  get unsent(): number {
    return countUnsent(this.changes);
  }

  has(entry: string): boolean {
    return this.changes.some((change) => change.entry === entry);
  }

  /** Whether something of a lane is on its way right now. */
  isSending(lane: string): boolean {
    return this.sending.has(lane);
  }

  /** Waits until nothing more of a lane can be sent for now. */
  async settled(lane: string): Promise<void> {
    await this.sending.get(lane);
  }

  /** Sends a refused change once more. */
  async again(entry: string): Promise<boolean> {
    const change = this.changes.find((other) => other.entry === entry);
    if (!change) return false;
    const { problem: _, ...rest } = change;
    this.failures.delete(entry);
    this.write(rest as Waiting);
    this.goOn(laneOf(change));
    await this.drain(laneOf(change));
    return !this.has(entry);
  }

  private sendAll(): void {
    for (const lane of new Set(this.changes.map(laneOf))) void this.drain(lane);
  }

  private write(change: Waiting): void {
    if (this.options.storage.write(change)) this.fleeting.delete(change.entry);
    else this.fleeting.add(change.entry);
    const others = this.changes.filter(({ entry }) => entry !== change.entry);
    this.show([...others, change].sort(byEntry));
  }

  private show(changes: readonly Waiting[]): void {
    this.set({ changes, durable: this.fleeting.size === 0 });
  }

  private handlerOf(change: Waiting): Handler | undefined {
    const [area = ""] = change.kind.split(".");
    return this.handlers.get(area);
  }

  /** Sends what a lane holds until it is empty or the back end is away. */
  private drain(lane: string): Promise<void> {
    if (this.starting) return this.starting.then(() => this.drain(lane));
    const before = this.sending.get(lane);
    // What was added since is usually taken along; it isn't when the work was just ending.
    if (before) return before.then(() => (this.next(lane) ? this.drain(lane) : undefined));
    const away = this.options.connection.getSnapshot().status === "away";
    if (away || this.pauses.has(lane)) return Promise.resolve();
    const { promise, resolve, reject } = withResolvers();
    this.sending.set(lane, promise);
    // For those who show what is on its way.
    this.show([...this.changes]);
    this.work(lane)
      .finally(() => {
        this.sending.delete(lane);
        this.show([...this.changes]);
      })
      .then(resolve, reject);
    return promise;
  }

  private next(lane: string): Waiting | undefined {
    return this.changes.find((change) => laneOf(change) === lane && change.problem === undefined);
  }

  private async work(lane: string): Promise<void> {
    for (let change = this.next(lane); change && !this.disposed; change = this.next(lane)) {
      const handler = this.handlerOf(change);
      if (!handler) return;
      if (!change.tried) this.write({ ...change, tried: true });
      try {
        await handler.send(change);
        this.failures.delete(change.entry);
        this.remove(change.entry);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        if (error.kind === "unavailable") {
          this.options.connection.lost();
          this.postpone(lane);
          return;
        }
        if (error.kind === "signed-out" || error.kind === "other-user") {
          this.options.onLeave?.(error);
          return;
        }
        const current = this.changes.find(({ entry }) => entry === change?.entry);
        if (!current) continue;
        if (error.kind === "failed" && current.waited && this.mayTryAgain(current.entry)) {
          this.pause(lane, current.entry, error);
          return;
        }
        if (handler.refused(current, error) === "drop") this.remove(current.entry);
        else this.write({ ...current, problem: error.message });
      }
    }
  }

  private mayTryAgain(entry: string): boolean {
    return (this.failures.get(entry) ?? 0) + 1 < MOST_FAILURES;
  }

  /** Leaves the back end alone, as long as it wants or as is kind, before a change is sent once more. */
  private pause(lane: string, entry: string, { retryAfterMs }: RequestError): void {
    const failures = this.failures.get(entry) ?? 0;
    this.failures.set(entry, failures + 1);
    const wait = Math.max(retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** failures);
    this.postpone(lane);
    const timer = setTimeout(
      () => {
        this.goOn(lane);
        void this.drain(lane);
      },
      Math.min(wait, LONGEST_PAUSE_MS),
    );
    this.pauses.set(lane, timer);
  }

  private goOn(lane: string): void {
    clearTimeout(this.pauses.get(lane));
    this.pauses.delete(lane);
  }

  /** All that a lane holds goes out later. */
  private postpone(lane: string): void {
    for (const change of this.changes) {
      if (laneOf(change) === lane && !change.waited) this.write({ ...change, waited: true });
    }
  }
}

function byEntry(one: Waiting, other: Waiting): number {
  return one.entry < other.entry ? -1 : 1;
}

/** `Promise.withResolvers`, which Safari has from 17.4 on. */
function withResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
} {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
