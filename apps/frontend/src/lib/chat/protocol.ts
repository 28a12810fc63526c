/**
 * The part of the ChatKit protocol that this front end speaks. The server may send more kinds of
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

export interface WorkflowItem extends ItemBase {
  type: "workflow";
  workflow: { type: string; tasks: WorkflowTask[] };
}

export interface TaskItem extends ItemBase {
  type: "task";
  task: WorkflowTask;
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

interface UserMessageInput {
  content: { type: "input_text"; text: string }[];
  attachments: never[];
  inference_options: Record<string, never>;
}

/** Requests answered by a stream of {@link ThreadEvent}. */
export type StreamingRequest =
  | { type: "threads.create"; params: { input: UserMessageInput } }
  | { type: "threads.add_user_message"; params: { thread_id: string; input: UserMessageInput } }
  | { type: "threads.retry_after_item"; params: { thread_id: string; item_id: string } };

/** Requests answered by one JSON document, by kind. */
export interface PlainRequests {
  "threads.list": {
    params: { limit?: number; order?: "asc" | "desc"; after?: string };
    result: Page<ThreadMetadata>;
  };
  "threads.get_by_id": { params: { thread_id: string }; result: Thread };
  "threads.update": { params: { thread_id: string; title: string }; result: ThreadMetadata };
  "threads.delete": { params: { thread_id: string }; result: Record<string, never> };
  "items.list": {
    params: { thread_id: string; limit?: number; order?: "asc" | "desc"; after?: string };
    result: Page<ThreadItem>;
  };
}

/** What a person typed, in the form the protocol wants. */
export function userInput(text: string): UserMessageInput {
  return { content: [{ type: "input_text", text }], attachments: [], inference_options: {} };
}
