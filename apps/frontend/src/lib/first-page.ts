import type { Page, ThreadItem, ThreadMetadata } from "./chat/protocol";
import type { TaskPage } from "./tasks/client";
import type { TaskOrder } from "./tasks/views";

/** What the server has read already, so that a page comes with its content. */
export interface FirstPage {
  /** The conversation that the address names. */
  threadId: string | null;
  threads?: Page<ThreadMetadata> | undefined;
  /** The newest items of that conversation, newest first. */
  items?: Page<ThreadItem> | undefined;
  /** The first tasks in that order. */
  tasks?: TaskPage | undefined;
  /** The order in which this browser shows them. */
  taskOrder?: TaskOrder;
}
