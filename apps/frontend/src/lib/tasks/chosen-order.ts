import { type Channel, openChannel } from "../channel";
import { parseOrder, TASK_ORDER_COOKIE, type TaskOrder } from "./views";

const CHANNEL = "todo-task-order";
const YEAR_SECONDS = 60 * 60 * 24 * 365;
const listeners = new Set<() => void>();
/** Leads to the other tabs, as long as somebody watches. */
let channel: Channel<TaskOrder> | undefined;

/** The order that this browser keeps. */
export function chosenOrder(): TaskOrder {
  const [, value] = new RegExp(`(?:^|; )${TASK_ORDER_COOKIE}=([^;]*)`).exec(document.cookie) ?? [];
  return parseOrder(value);
}

function keep(order: TaskOrder): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API isn't everywhere yet
  document.cookie = `${TASK_ORDER_COOKIE}=${order}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  for (const listener of listeners) listener();
}

/** Takes an order, for good and in all tabs: the assistant counts in it, whichever tab one writes in. */
export function chooseOrder(order: TaskOrder): void {
  keep(order);
  channel?.post(order);
}

/** Calls `listener` when another order is taken, here or in another tab. Returns how to stop. */
export function watchOrder(listener: () => void): () => void {
  listeners.add(listener);
  channel ??= openChannel<TaskOrder>(CHANNEL, (order) => keep(parseOrder(order)));
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    channel?.close();
    channel = undefined;
  };
}
