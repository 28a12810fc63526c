import { openChannel } from "../channel";
import { uniqueId } from "../unique-id";

/** How long an open tab may take to say so, in milliseconds. */
const ANSWER_MS = 600;
/** How long it may take to say that an id is its own: this one waits for it before it shows anything kept. */
const CLAIM_MS = 150;
const TAB_KEY = "tab";

/** The tabs of one person in this browser. */
export interface Tabs {
  /**
   * This tab's id, which no other open tab has: the same one over reloads, and a new one in a tab that was
   * duplicated, whose `sessionStorage` is a copy.
   */
  claim(): Promise<string>;
  /** Which of these tabs are open; all of them, as far as a tab that is closing can tell. */
  find(tabs: readonly string[]): Promise<ReadonlySet<string>>;
  /** Does something that no other tab does meanwhile, as far as the browser can see to that. */
  alone(work: () => Promise<void>): Promise<void>;
  close(): void;
}

type Call = { who: readonly string[] } | { here: string };

/**
 * Lets the tabs of one person find each other. A browser's locks tell exactly which of them are open, also
 * those that it has put to sleep. It has locks for secure contexts only; over plain http tabs ask each
 * other, and a sleeping one doesn't answer. That two tabs then send the same change is harmless, as the
 * back end acts on it once.
 */
export function openTabs(userId: string): Tabs {
  return typeof navigator !== "undefined" && navigator.locks
    ? lockedTabs(userId, navigator.locks)
    : askingTabs(userId);
}

function lockedTabs(userId: string, locks: LockManager): Tabs {
  const end = new AbortController();
  const ended = new Promise<void>((resolve) =>
    end.signal.addEventListener("abort", () => resolve()),
  );
  const nameOf = (tab: string): string => `todo-tab/${tab}`;
  /** Holds a tab's lock until the page goes. Tells whether it was free. */
  const hold = (tab: string): Promise<boolean> =>
    new Promise((resolve, reject) => {
      locks
        .request(nameOf(tab), { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock === null ? undefined : ended;
        })
        .catch(reject);
    });
  return {
    async claim() {
      const known = knownId();
      if (known !== null) {
        if (await hold(known)) return known;
        // The page that was here before may be just going.
        await pause(CLAIM_MS);
        if (await hold(known)) return known;
      }
      const id = newId();
      await hold(id);
      return id;
    },
    async find(tabs) {
      if (end.signal.aborted) return new Set(tabs);
      const held = new Set((await locks.query()).held?.map(({ name }) => name));
      return new Set(tabs.filter((tab) => held.has(nameOf(tab))));
    },
    async alone(work) {
      await locks.request(`todo-outbox/${userId}`, work);
    },
    close: () => end.abort(),
  };
}

function askingTabs(userId: string): Tabs {
  let own: string | null = null;
  let closed = false;
  const listeners = new Set<(id: string) => void>();
  const channel = openChannel<Call>(`todo-tabs/${userId}`, (call) => {
    if ("who" in call && own !== null && call.who.includes(own)) channel.post({ here: own });
    if ("here" in call) for (const listener of listeners) listener(call.here);
  });
  const ask = async (tabs: readonly string[], limitMs: number): Promise<ReadonlySet<string>> => {
    if (closed) return new Set(tabs);
    const found = new Set<string>();
    const listener = (id: string): void => void found.add(id);
    listeners.add(listener);
    channel.post({ who: tabs });
    await pause(limitMs);
    listeners.delete(listener);
    return found;
  };
  return {
    async claim() {
      const known = knownId();
      const taken = known !== null && !isReload() && (await ask([known], CLAIM_MS)).has(known);
      own = known === null || taken ? newId() : known;
      return own;
    },
    find: (tabs) => ask(tabs, ANSWER_MS),
    alone: (work) => work(),
    close: () => {
      closed = true;
      channel.close();
    },
  };
}

/** A page that was loaded again is in the tab in which it was; a duplicated tab loads it for the first time. */
function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return (entry as PerformanceNavigationTiming | undefined)?.type === "reload";
}

function knownId(): string | null {
  try {
    return sessionStorage.getItem(TAB_KEY);
  } catch {
    return null;
  }
}

function newId(): string {
  const id = uniqueId();
  try {
    sessionStorage.setItem(TAB_KEY, id);
  } catch {
    // Switched off: the id lives as long as the page.
  }
  return id;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
