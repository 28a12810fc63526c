import type { ThreadMessageLike } from "@assistant-ui/react";
import type { ThreadItem, WorkflowTask } from "./protocol";

/** A run of items that is shown as one message: a person's, or all of the assistant's turn. */
export interface ChatMessage {
  id: string;
  role: "user" | "assistant";
  createdAt: Date;
  items: ThreadItem[];
  /** The assistant is still at it. */
  running: boolean;
}

/** What the message list shows of a step the assistant took. */
export interface StepArgs {
  title: string;
  detail?: string;
  [key: string]: string | undefined;
}

/** Name under which steps are rendered. */
export const STEP_TOOL = "step";

const VISIBLE = new Set(["user_message", "assistant_message", "workflow", "task"]);

/**
 * Groups a thread's items into messages. `running` says that the assistant is still at the last one.
 * Those that haven't changed are the objects of `before`, which needn't be converted and shown anew.
 */
export function toMessages(
  items: readonly ThreadItem[],
  running = false,
  before: readonly ChatMessage[] = [],
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    if (!VISIBLE.has(item.type)) continue;
    const role = item.type === "user_message" ? "user" : "assistant";
    const last = messages.at(-1);
    if (role === "assistant" && last?.role === "assistant") last.items.push(item);
    else {
      const createdAt = new Date(item.created_at);
      messages.push({ id: item.id, role, createdAt, items: [item], running: false });
    }
  }
  const last = messages.at(-1);
  if (last?.role === "assistant") last.running = running;
  return messages.map((message, index) => {
    const known = before[index];
    return known && isSame(known, message) ? known : message;
  });
}

function isSame(one: ChatMessage, other: ChatMessage): boolean {
  return (
    one.running === other.running &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => item === other.items[index])
  );
}

type Part = Exclude<ThreadMessageLike["content"], string>[number];

function stepPart(id: string, task: WorkflowTask, finished: boolean): Part | undefined {
  const title = task.title ?? task.content;
  if (!title) return undefined;
  const args: StepArgs = { title };
  if (task.title && task.content) args.detail = task.content;
  const done = finished || task.status_indicator !== "loading";
  return {
    type: "tool-call",
    toolCallId: id,
    toolName: STEP_TOOL,
    args: args as Record<string, string>,
    argsText: JSON.stringify(args),
    ...(done ? { result: "done" } : {}),
  };
}

function parts(item: ThreadItem, finished: boolean): Part[] {
  switch (item.type) {
    case "user_message":
    case "assistant_message":
      return item.content.map((content) => ({ type: "text", text: content.text }));
    case "workflow":
      return item.workflow.tasks
        .map((task, index) => stepPart(`${item.id}-${index}`, task, finished))
        .filter((part) => part !== undefined);
    case "task": {
      const part = stepPart(item.id, item.task, finished);
      return part ? [part] : [];
    }
    default:
      return [];
  }
}

/** What the message list is told of a message, beyond its content. */
export interface MessageNotes {
  /** The person's message didn't go out. */
  unsent?: boolean;
}

/** Converts a message for assistant-ui. */
export function toThreadMessage({
  id,
  role,
  createdAt,
  items,
  running,
}: ChatMessage): ThreadMessageLike {
  const notes: MessageNotes = {
    unsent: items.some((item) => item.type === "user_message" && item.unsent),
  };
  return {
    id,
    role,
    createdAt,
    metadata: { custom: { ...notes } },
    content: items.flatMap((item) => parts(item, !running)),
    ...(role === "assistant"
      ? { status: running ? { type: "running" } : { type: "complete", reason: "stop" } }
      : {}),
  };
}
