import type { NewTask, TaskFields } from "../tasks/types";

/** A change that a person has made and that the back end hasn't taken yet. */
export type Change =
  | {
      kind: "task.add";
      /** Names the task on this page until the back end has made it. */
      id: string;
      /** Under one key the back end adds one task, however often it is sent. */
      key: string;
      fields: NewTask;
    }
  | { kind: "task.edit"; id: string; changes: Partial<TaskFields> }
  | { kind: "task.delete"; id: string; title: string }
  | { kind: "task.restore"; ids: readonly string[] }
  | { kind: "thread.rename"; id: string; title: string }
  | { kind: "thread.delete"; id: string; title: string }
  | { kind: "thread.restore"; id: string }
  | {
      kind: "message";
      /** Under one key the back end answers once, however often the message is sent. */
      key: string;
      /** The conversation it belongs to; null begins one. */
      threadId: string | null;
      text: string;
      /** The message in whose place it goes, and in that of all that followed. */
      replaces?: string;
      /** The back end has the message: only its answer is still to come. */
      accepted?: boolean;
    }
  /** An answer to end, by the key of its message. */
  | { kind: "answer.stop"; key: string };

/** The change as it waits. */
export type Waiting<C extends Change = Change> = C & {
  /** Grows from one change to the next. */
  entry: string;
  /** The tab that has it in hand. */
  tab: string;
  /** When it was made, ISO 8601. */
  at: string;
  /** It was sent at least once: the back end may have it. */
  tried?: boolean;
  /** It has waited for the back end: whoever made it may be busy with something else by now. */
  waited?: true;
  /** Why the back end didn't take it; it waits for the person then. */
  problem?: string;
};

export type ChangeOf<K extends Change["kind"]> = Extract<Change, { kind: K }>;

/** Changes of one lane are sent one after the other, in the order in which they were made. */
export function laneOf(change: Change): string {
  switch (change.kind) {
    case "task.add":
    case "task.edit":
    case "task.delete":
    case "task.restore":
      return "tasks";
    case "thread.rename":
    case "thread.delete":
    case "thread.restore":
      return `thread ${change.id}`;
    case "message":
      return `message ${change.key}`;
    case "answer.stop":
      return `stop ${change.key}`;
  }
}

/** How many of these a person would call unsent; an answer under way is none. */
export function countUnsent(changes: readonly Change[]): number {
  return changes.filter(
    (change) => change.kind !== "answer.stop" && !(change.kind === "message" && change.accepted),
  ).length;
}
