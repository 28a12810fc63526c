import { addDays, dayOf } from "../dates";
import type { ThreadMetadata } from "./protocol";

export interface ThreadGroup {
  label: string;
  threads: ThreadMetadata[];
}

/** When something was last said in a conversation, in words, seen from `today`. */
function labelOf(thread: ThreadMetadata, today: string): string {
  const day = dayOf(new Date(thread.updated_at ?? thread.created_at));
  if (day >= today) return "Today";
  if (day === addDays(today, -1)) return "Yesterday";
  if (day > addDays(today, -7)) return "Last 7 days";
  if (day > addDays(today, -30)) return "Last 30 days";
  return "Older";
}

/** Whether a title has all words of a search. */
export function matches(thread: ThreadMetadata, search: string): boolean {
  const title = (thread.title ?? "").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => title.includes(word));
}

/** Conversations under the day they are of. The order is kept. */
export function groupThreads(
  threads: readonly ThreadMetadata[],
  today: string | null,
): ThreadGroup[] {
  if (today === null) return [{ label: "Conversations", threads: [...threads] }];
  const groups: ThreadGroup[] = [];
  for (const thread of threads) {
    const label = labelOf(thread, today);
    const group = groups.find((other) => other.label === label);
    if (group) group.threads.push(thread);
    else groups.push({ label, threads: [thread] });
  }
  return groups;
}
