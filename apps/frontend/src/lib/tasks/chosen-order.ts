import { parseOrder, TASK_ORDER_COOKIE, type TaskOrder } from "./views";

const YEAR_SECONDS = 60 * 60 * 24 * 365;
const listeners = new Set<() => void>();

/** The order that this browser keeps. */
export function chosenOrder(): TaskOrder {
  const [, value] = new RegExp(`(?:^|; )${TASK_ORDER_COOKIE}=([^;]*)`).exec(document.cookie) ?? [];
  return parseOrder(value);
}

/** Takes an order, for good. */
export function chooseOrder(order: TaskOrder): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API isn't everywhere yet
  document.cookie = `${TASK_ORDER_COOKIE}=${order}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  for (const listener of listeners) listener();
}

/** Calls `listener` when another order is taken. Returns how to stop. */
export function watchOrder(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
