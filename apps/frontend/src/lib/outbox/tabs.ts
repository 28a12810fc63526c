import { openChannel } from "../channel";
import { uniqueId } from "../unique-id";
import type { FindTabs } from "./outbox";

/** How long an open tab may take to say so, in milliseconds. */
const ANSWER_MS = 600;
const TAB_KEY = "tab";

/** This tab's id: the same over reloads, another one in every tab. */
export function tabId(): string {
  try {
    const known = sessionStorage.getItem(TAB_KEY);
    if (known) return known;
    const id = uniqueId();
    sessionStorage.setItem(TAB_KEY, id);
    return id;
  } catch {
    return uniqueId();
  }
}

type Call = { who: readonly string[] } | { here: string };

/**
 * Lets the tabs of one person find each other. A tab that the browser has put to sleep doesn't answer;
 * that two tabs then send the same change is harmless, as the back end acts on it once.
 */
export function openTabs(userId: string, tab: string): { find: FindTabs; close(): void } {
  const listeners = new Set<(id: string) => void>();
  const channel = openChannel<Call>(`todo-tabs/${userId}`, (call) => {
    if ("who" in call && call.who.includes(tab)) channel.post({ here: tab });
    if ("here" in call) for (const listener of listeners) listener(call.here);
  });
  return {
    async find(tabs) {
      const found = new Set<string>();
      const listener = (id: string): void => void found.add(id);
      listeners.add(listener);
      channel.post({ who: tabs });
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      listeners.delete(listener);
      return found;
    },
    close: () => channel.close(),
  };
}
