import type { ThreadMessageLike } from "@assistant-ui/react";
import type { ThreadItem, WorkflowTask } from "./protocol";

/** A run of items that is shown as one message: a person's, or all of the assistant's turn. */
export interface ChatMessage {
  id: string;
  role: "user" | "assistant";
  createdAt: Date;
  items: ThreadItem[];
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

/** Groups a thread's items into messages. */
export function toMessages(items: readonly ThreadItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    if (!VISIBLE.has(item.type)) continue;
    const role = item.type === "user_message" ? "user" : "assistant";
    const last = messages.at(-1);
    if (role === "assistant" && last?.role === "assistant") last.items.push(item);
    else messages.push({ id: item.id, role, createdAt: new Date(item.created_at), items: [item] });
  }
  return messages;
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

/** Converts a message for assistant-ui. `running` says that the assistant is still at it. */
export function toThreadMessage(message: ChatMessage, running: boolean): ThreadMessageLike {
  return {
    id: message.id,
    role: message.role,
    createdAt: message.createdAt,
    content: message.items.flatMap((item) => parts(item, !running)),
    ...(message.role === "assistant"
      ? { status: running ? { type: "running" } : { type: "complete", reason: "stop" } }
      : {}),
  };
}
