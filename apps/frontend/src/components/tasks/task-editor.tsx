"use client";

import { useId, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import {
  changedFields,
  MAX_DESCRIPTION_LENGTH,
  MAX_TITLE_LENGTH,
  PRIORITIES,
  type Task,
  type TaskFields,
} from "@/lib/tasks/types";

const CONTROL =
  "w-full min-h-9 rounded-lg border border-line-strong bg-surface px-2.5 py-1.5 text-sm text-ink";

/** The fields of the form, as the API wants them. */
export function readTaskForm(data: FormData): Omit<TaskFields, "completed"> {
  const text = (name: string): string => {
    const value = data.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  return {
    title: text("title"),
    description: text("description") || null,
    due_date: text("due_date") || null,
    priority: PRIORITIES.find((priority) => priority === text("priority")) ?? "medium",
  };
}

/** Edits a task in place. It closes when the task is saved, and keeps what was entered until then. */
export function TaskEditor({ task, onClose }: { task: Task; onClose: () => void }) {
  const { tasks: store } = useApp();
  const id = useId();
  // What the fields were filled with: a change by somebody else meanwhile isn't undone by saving.
  const [before] = useState(task);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const save = async (form: HTMLFormElement): Promise<void> => {
    if (saving) return;
    const fields = readTaskForm(new FormData(form));
    if (!fields.title) {
      setProblem("A task needs a title.");
      return;
    }
    const changes = changedFields(before, fields);
    if (Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    setSaving(true);
    setProblem(null);
    const saved = await store.edit(task.id, changes, (reason) =>
      setProblem(`This couldn’t be saved. ${reason}`),
    );
    setSaving(false);
    if (saved) onClose();
  };

  return (
    <form
      aria-label={`Edit “${task.title}”`}
      data-testid="task-editor"
      className="space-y-2.5 rounded-xl border border-line-strong bg-raised p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.nativeEvent.isComposing) onClose();
      }}
    >
      <div className="space-y-1">
        <label htmlFor={`${id}-title`} className="text-xs font-medium">
          Title
        </label>
        <input
          id={`${id}-title`}
          name="title"
          // biome-ignore lint/a11y/noAutofocus: it replaces the button that was just pressed
          autoFocus
          required
          maxLength={MAX_TITLE_LENGTH}
          defaultValue={task.title}
          data-testid="task-edit-title"
          className={CONTROL}
        />
      </div>
      <div className="space-y-1">
        <label htmlFor={`${id}-description`} className="text-xs font-medium">
          Notes
        </label>
        <textarea
          id={`${id}-description`}
          name="description"
          rows={2}
          maxLength={MAX_DESCRIPTION_LENGTH}
          defaultValue={task.description ?? ""}
          className={CONTROL}
        />
      </div>
      <div className="grid grid-cols-2 gap-2.5">
        <div className="space-y-1">
          <label htmlFor={`${id}-due`} className="text-xs font-medium">
            Due
          </label>
          <input
            id={`${id}-due`}
            name="due_date"
            type="date"
            defaultValue={task.due_date ?? ""}
            className={CONTROL}
          />
        </div>
        <div className="space-y-1">
          <label htmlFor={`${id}-priority`} className="text-xs font-medium">
            Priority
          </label>
          <select
            id={`${id}-priority`}
            name="priority"
            defaultValue={task.priority}
            className={CONTROL}
          >
            <option value="low">Low</option>
            <option value="medium">Medium</option>
            <option value="high">High</option>
          </select>
        </div>
      </div>
      {problem ? (
        <p role="alert" data-testid="task-edit-error" className="text-sm text-danger">
          {problem}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button variant="secondary" size="sm" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" size="sm" aria-disabled={saving} data-testid="task-edit-save">
          {saving ? "Saving…" : "Save"}
        </Button>
      </div>
    </form>
  );
}
