import { TASK_FILTER_PARAMETER } from "./tasks/views";

/** The view that an address of the signed-in pages names. */
export type View = { name: "chat"; threadId: string | null } | { name: "tasks" };

const CHAT = /^\/chat(?:\/([^/?#]+))?\/?$/;

/** What an address shows; null for pages that aren't of these. */
export function viewOf(pathname: string): View | null {
  const match = CHAT.exec(pathname);
  if (match) return { name: "chat", threadId: match[1] ?? null };
  return /^\/tasks\/?$/.test(pathname) ? { name: "tasks" } : null;
}

/** The address of a conversation, or of a new one. */
export function chatPath(threadId: string | null): string {
  return threadId === null ? "/chat" : `/chat/${threadId}`;
}

/**
 * Goes to another view. All of them are in the page already, so this asks the server for nothing and
 * works without a network; Next.js takes part by the history's own methods.
 */
export function goTo(path: string): void {
  if (window.location.pathname !== path) window.history.pushState(null, "", withFilter(path));
}

/** Puts another address in the place of this one, where nobody has moved: Back leads to what was before. */
export function correctPath(path: string): void {
  if (window.location.pathname !== path) window.history.replaceState(null, "", withFilter(path));
}

/** The list of tasks is beside every view, and stays as one has filtered it. */
function withFilter(path: string): string {
  const filter = new URLSearchParams(window.location.search).get(TASK_FILTER_PARAMETER);
  return filter ? `${path}?${new URLSearchParams({ [TASK_FILTER_PARAMETER]: filter })}` : path;
}
