import { uniqueId } from "../unique-id";
import type {
  AssistantMessageItem,
  ItemUpdate,
  ThreadEvent,
  ThreadItem,
  UserMessageItem,
} from "./protocol";

/** Begins the ids of messages that the back end hasn't confirmed. */
const LOCAL_ID = "local-";

/** A message as it is shown before the back end has it. */
export function localMessage(text: string, threadId: string): UserMessageItem {
  return {
    type: "user_message",
    id: `${LOCAL_ID}${uniqueId()}`,
    thread_id: threadId,
    created_at: new Date().toISOString(),
    content: [{ type: "input_text", text }],
  };
}

/** Whether the back end hasn't confirmed the message with this id. */
export function isLocal(id: string): boolean {
  return id.startsWith(LOCAL_ID);
}

/** The items with a message that the back end doesn't have marked as sent or not. */
export function markUnsent(
  items: readonly ThreadItem[],
  id: string,
  unsent: boolean,
): ThreadItem[] {
  return items.map((item) =>
    item.type === "user_message" && item.id === id && isLocal(id) ? { ...item, unsent } : item,
  );
}

/** The text that a person wrote. */
export function textOf(item: ThreadItem): string {
  return item.type === "user_message" ? item.content.map((part) => part.text).join("\n") : "";
}

/**
 * The items once the newest ones were read again. Those that are as they were are the same objects;
 * what nobody else knows stays at the end. Items between the two that were never read are left to
 * whoever reads on.
 */
export function mergeNewest(
  items: readonly ThreadItem[],
  newest: readonly ThreadItem[],
): readonly ThreadItem[] {
  const known = new Map(items.map((item) => [item.id, item]));
  const read = newest.map((item) => {
    const old = known.get(item.id);
    return old && isSameItem(old, item) ? old : item;
  });
  const ids = new Set(newest.map(({ id }) => id));
  const first = items.findIndex(({ id }) => ids.has(id));
  const older = first === -1 ? [] : items.slice(0, first);
  const local = items.filter(({ id }) => isLocal(id));
  const merged = [...older.filter(({ id }) => !isLocal(id)), ...read, ...local];
  const same =
    merged.length === items.length && merged.every((item, index) => item === items[index]);
  return same ? items : merged;
}

function upsert(items: readonly ThreadItem[], item: ThreadItem): ThreadItem[] {
  const index = items.findIndex((known) => known.id === item.id);
  return index === -1 ? [...items, item] : items.with(index, item);
}

function updateAssistant(item: AssistantMessageItem, update: ItemUpdate): AssistantMessageItem {
  if (!("content_index" in update)) return item;
  const content = [...item.content];
  while (content.length <= update.content_index) content.push({ type: "output_text", text: "" });
  const present = content[update.content_index] ?? { type: "output_text", text: "" };
  content[update.content_index] =
    update.type === "assistant_message.content_part.text_delta"
      ? { ...present, text: present.text + update.delta }
      : update.content;
  return { ...item, content };
}

function update(item: ThreadItem, change: ItemUpdate): ThreadItem {
  if (item.type === "assistant_message") return updateAssistant(item, change);
  if (item.type === "workflow" && "task_index" in change) {
    const tasks = [...item.workflow.tasks];
    if (change.type === "workflow.task.added") tasks.splice(change.task_index, 0, change.task);
    else tasks[change.task_index] = change.task;
    return { ...item, workflow: { ...item.workflow, tasks } };
  }
  return item;
}

/** The thread's items after an event. Events that aren't about items change nothing. */
export function applyEvent(
  items: readonly ThreadItem[],
  event: ThreadEvent,
): readonly ThreadItem[] {
  switch (event.type) {
    case "thread.item.added":
    case "thread.item.done":
    case "thread.item.replaced":
      return upsert(items, event.item);
    case "thread.item.updated":
      return items.map((item) => (item.id === event.item_id ? update(item, event.update) : item));
    case "thread.item.removed":
      return items.filter((item) => item.id !== event.item_id);
    default:
      return items;
  }
}

/** Whether an item tells of something that the agent did. */
export function isStep(item: ThreadItem): boolean {
  return item.type === "task" || item.type === "workflow";
}

/** Whether an event may mean that the agent changed the person's tasks. */
export function mayChangeTasks(event: ThreadEvent): boolean {
  switch (event.type) {
    case "client_effect":
      return true;
    case "thread.item.updated":
      return event.update.type.startsWith("workflow.task.");
    case "thread.item.done":
    case "thread.item.replaced":
      return isStep(event.item);
    default:
      return false;
  }
}

function isSameItem(one: ThreadItem, other: ThreadItem): boolean {
  const plain = (item: ThreadItem): string => JSON.stringify({ ...item, rowId: undefined });
  return plain(one) === plain(other);
}
