import type { DraftStorage } from "../drafts";
import type { Task, TaskFields } from "./types";

/** What the editor of a task is about. */
export type EditedFields = Omit<TaskFields, "completed" | "position">;

/** What has been entered into the editor of a task and isn't saved. */
export interface EditDraft {
  /** The task as it was when its editor was filled with it. */
  before: Task;
  fields: EditedFields;
}

/** Names the task whose editor was used last. */
const EDITING = "editing";

const nameOf = (id: string): string => `task/${id}`;

/** What was entered for a task, by any of the ids that it is known by. */
export function loadEdit(drafts: DraftStorage, ...ids: string[]): EditDraft | null {
  const [text] = ids.map((id) => drafts.load(nameOf(id))).filter(Boolean);
  try {
    return text ? (JSON.parse(text) as EditDraft) : null;
  } catch {
    return null;
  }
}

/** Keeps what is entered for a task, under all the ids that it is known by; null forgets it. */
export function saveEdit(drafts: DraftStorage, edit: EditDraft | null, ...ids: string[]): void {
  for (const id of ids) drafts.save(edit ? JSON.stringify(edit) : "", nameOf(id));
  if (edit) drafts.save(edit.before.id, EDITING);
  else if (ids.includes(drafts.load(EDITING))) drafts.save("", EDITING);
}

/** The id of the task that was being edited when the page was left; null where nothing is unsaved. */
export function lastEdited(drafts: DraftStorage): string | null {
  return drafts.load(EDITING) || null;
}
