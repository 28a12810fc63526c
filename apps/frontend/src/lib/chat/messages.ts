import type { StepApproval, StepEffect, ThreadItem, WorkflowTask } from "./protocol";

/** A run of items that is shown as one message: a person's, or all of the assistant's turn. */
export interface ChatMessage {
  id: string;
  role: "user" | "assistant";
  items: ThreadItem[];
  /** The assistant is still at it. */
  running: boolean;
}

/** What the message list shows of a step the assistant took. */
export interface Step {
  id: string;
  title: string;
  detail?: string;
  done: boolean;
  effect?: StepEffect;
  approval?: StepApproval;
}

/** A piece of a message: some text, or steps that followed each other. */
export type MessagePart =
  | { type: "text"; id: string; text: string }
  | { type: "steps"; id: string; steps: Step[] };

const VISIBLE = new Set(["user_message", "assistant_message", "workflow", "task"]);

/**
 * Groups a thread's items into messages. `running` says that the assistant is still at the last one.
 * Those that haven't changed are the objects of `before`, which needn't be shown anew.
 */
export function toMessages(
  items: readonly ThreadItem[],
  running = false,
  before: readonly ChatMessage[] = [],
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    if (!VISIBLE.has(item.type)) continue;
    const last = messages.at(-1);
    if (item.type === "user_message") {
      messages.push({ id: item.rowId ?? item.id, role: "user", items: [item], running: false });
    } else if (last?.role === "assistant") last.items.push(item);
    else
      messages.push({
        id: answerId(last, item.id),
        role: "assistant",
        items: [item],
        running: false,
      });
  }
  const last = messages.at(-1);
  // The answer takes its place before its first word, and keeps it.
  if (running && last?.role === "user") {
    messages.push({ id: answerId(last, ""), role: "assistant", items: [], running });
  } else if (last?.role === "assistant") last.running = running;
  return messages.map((message, index) => {
    const known = before[index];
    return known && isSame(known, message) ? known : message;
  });
}

function answerId(question: ChatMessage | undefined, otherwise: string): string {
  return question ? `answer-${question.id}` : otherwise;
}

function isSame(one: ChatMessage, other: ChatMessage): boolean {
  return (
    one.id === other.id &&
    one.running === other.running &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => item === other.items[index])
  );
}

function stepOf(
  id: string,
  task: WorkflowTask,
  running: boolean,
  more: { effect?: StepEffect | null; approval?: StepApproval | null } = {},
): Step[] {
  const title = task.title ?? task.content;
  if (!title) return [];
  return [
    {
      id,
      title,
      ...(task.title && task.content ? { detail: task.content } : {}),
      done: !running || task.status_indicator !== "loading",
      ...(more.effect ? { effect: more.effect } : {}),
      ...(more.approval ? { approval: more.approval } : {}),
    },
  ];
}

/** The pieces of a message, in the order in which they came. */
export function partsOf({ items, running }: ChatMessage): MessagePart[] {
  const parts: MessagePart[] = [];
  const addSteps = (id: string, steps: Step[]): void => {
    const last = parts.at(-1);
    if (last?.type === "steps") last.steps.push(...steps);
    else if (steps.length > 0) parts.push({ type: "steps", id, steps });
  };
  for (const item of items) {
    switch (item.type) {
      case "user_message":
      case "assistant_message":
        item.content.forEach(({ text }, index) => {
          if (text) parts.push({ type: "text", id: `${item.id}-${index}`, text });
        });
        break;
      case "workflow":
        item.workflow.tasks.forEach((task, index) => {
          addSteps(item.id, stepOf(`${item.id}-${index}`, task, running));
        });
        break;
      case "task":
        addSteps(item.id, stepOf(item.id, item.task, running, item));
        break;
    }
  }
  return parts;
}

/** A message's words, as one copies them. */
export function copyText(message: ChatMessage): string {
  return partsOf(message)
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n\n");
}

/** Begins the title of a step that was refused. */
const REFUSED = "Not done";

/** Whether the assistant wasn't allowed, or able, to take a step. */
export function isRefused({ title }: Step): boolean {
  return title.startsWith(REFUSED);
}

/** What a step did, from a title such as "Deleted: buy milk"; undefined for one that only looked. */
function verbOf(step: Step): string | undefined {
  if (isRefused(step)) return REFUSED.toLowerCase();
  return /^(\p{Lu}\p{L}+):/u.exec(step.title)?.[1]?.toLowerCase();
}

/**
 * Several steps in a few words, such as "2 added, 1 deleted". That the assistant looked something up is
 * no news where it did something, too.
 */
export function summarize(steps: readonly Step[]): string {
  const acts = steps.filter((step) => verbOf(step) !== undefined);
  if (acts.length === 0) return `${steps.length} steps`;
  const [only] = acts;
  if (acts.length === 1 && only) return only.title;
  const counts = new Map<string, number>();
  for (const step of acts) {
    const verb = verbOf(step) ?? "";
    counts.set(verb, (counts.get(verb) ?? 0) + (step.effect?.task_ids.length ?? 1));
  }
  const parts = [...counts].map(([verb, count]) => ({ verb, count }));
  const [first] = parts;
  if (parts.length === 1 && first && first.verb !== REFUSED.toLowerCase()) {
    return `${first.count} tasks ${first.verb}`;
  }
  return parts.map(({ verb, count }) => `${count} ${verb}`).join(", ");
}
