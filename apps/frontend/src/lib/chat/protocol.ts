import type { Schema } from "../api/types";

/**
 * The part of the ChatKit protocol that this front end speaks. What it asks is in the back end's OpenAPI
 * document, what is answered isn't: ChatKit's server writes that itself. The server may send more kinds of
 * items and events than are named here; those are ignored.
 */

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string | null;
}

export interface ThreadMetadata {
  id: string;
  title?: string | null;
  created_at: string;
  /** When something was last said in it. */
  updated_at?: string | null;
}

export interface Thread extends ThreadMetadata {
  items: Page<ThreadItem>;
}

interface ItemBase {
  id: string;
  thread_id: string;
  created_at: string;
}

export interface UserMessageItem extends ItemBase {
  type: "user_message";
  content: { type: string; text: string }[];
  /** Known here only: it was taken back, or didn't get through. */
  unsent?: boolean;
  /** Known here only: what the list knows it by since before the back end had it. */
  rowId?: string;
}

export interface AssistantContent {
  type: "output_text";
  text: string;
}

export interface AssistantMessageItem extends ItemBase {
  type: "assistant_message";
  content: AssistantContent[];
}

/** One step of a workflow; tool calls arrive as `custom` ones. */
export interface WorkflowTask {
  type: string;
  status_indicator?: "none" | "loading" | "complete";
  title?: string | null;
  icon?: string | null;
  content?: string | null;
}

/** What a step has changed, for an Undo; of fields it tells what they were, and what has been made of them. */
export interface StepEffect extends Partial<Schema<"TaskReversion">> {
  action: "add" | "update" | "complete" | "reopen" | "delete" | "restore";
  task_ids: string[];
  /** The tasks' titles, some of them where there are many. */
  titles: string[];
}

/** What a step would do as soon as the person agrees. */
export interface StepApproval {
  id: string;
  action: "delete";
  task_ids: string[];
  titles: string[];
}

export interface WorkflowItem extends ItemBase {
  type: "workflow";
  workflow: { type: string; tasks: WorkflowTask[] };
}

export interface TaskItem extends ItemBase {
  type: "task";
  task: WorkflowTask;
  effect?: StepEffect | null;
  approval?: StepApproval | null;
}

/** Kinds that are received but not shown. */
export interface OtherItem extends ItemBase {
  type:
    | "client_tool_call"
    | "widget"
    | "generated_image"
    | "structured_input"
    | "end_of_turn"
    | "hidden_context_item"
    | "sdk_hidden_context";
}

export type ThreadItem =
  | UserMessageItem
  | AssistantMessageItem
  | WorkflowItem
  | TaskItem
  | OtherItem;

export type ItemUpdate =
  | {
      type: "assistant_message.content_part.added" | "assistant_message.content_part.done";
      content_index: number;
      content: AssistantContent;
    }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "workflow.task.added" | "workflow.task.updated";
      task_index: number;
      task: WorkflowTask;
    };

/** What a conversation is at, on whichever replica of the back end. */
export type TurnStatus = Pick<Schema<"TurnState">, "state" | "message_id" | "waiting">;

export type ThreadEvent =
  | { type: "thread.created" | "thread.updated"; thread: ThreadMetadata }
  | {
      type: "thread.item.added" | "thread.item.done" | "thread.item.replaced";
      item: ThreadItem;
    }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "progress_update"; text: string }
  | { type: "client_effect"; name: string; data?: Record<string, unknown> }
  | { type: "error"; code?: string; message?: string | null; allow_retry?: boolean }
  | { type: "notice"; level: "info" | "warning" | "danger"; message: string; title?: string | null }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } };

/** Requests answered by a stream of {@link ThreadEvent}. */
export type StreamingRequest = (
  | Schema<"ThreadsCreateReq">
  | Schema<"ThreadsAddUserMessageReq">
  | Schema<"ThreadsRetryAfterItemReq">
) & {
  metadata?: {
    approval?: { id: string; approved: boolean };
    /** The message in whose place this one goes, and in that of all that followed. */
    replaces?: string;
  };
};

/** Requests answered by one JSON document, by kind. */
export interface PlainRequests {
  "threads.list": { params: Schema<"ThreadListParams">; result: Page<ThreadMetadata> };
  "threads.get_by_id": { params: Schema<"ThreadGetByIdParams">; result: Thread };
  "threads.update": { params: Schema<"ThreadUpdateParams">; result: ThreadMetadata };
  "threads.delete": { params: Schema<"ThreadDeleteParams">; result: Record<string, never> };
  "items.list": { params: Schema<"ItemsListParams">; result: Page<ThreadItem> };
}

/** What a person typed, in the form the protocol wants. */
export function userInput(text: string): Schema<"UserMessageInput"> {
  return { content: [{ type: "input_text", text }], attachments: [], inference_options: {} };
}
