import type { AssistantMessageItem, ItemUpdate, ThreadEvent, ThreadItem } from "./protocol";

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
