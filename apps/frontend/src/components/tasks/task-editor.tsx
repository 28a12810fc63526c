"use client";

import { ArrowDown, ArrowDownToLine, ArrowUp, ArrowUpToLine } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { RoomLeft } from "@/components/ui/field";
import { isFocusLost } from "@/components/ui/focus";
import { nextMonday } from "@/lib/dates";
import { type EditedFields, loadEdit, saveEdit } from "@/lib/tasks/edit-drafts";
import {
  changedFields,
  type ListedTask,
  MAX_DESCRIPTION_LENGTH,
  MAX_TITLE_LENGTH,
  PRIORITIES,
} from "@/lib/tasks/types";
import { dueShortcuts } from "@/lib/tasks/views";
import { useToday } from "@/lib/use-today";
import { useMoveTask } from "./movable-tasks";

const CONTROL =
  "w-full min-w-0 min-h-11 rounded-lg border border-line-strong bg-surface px-2.5 py-1.5 text-base text-ink";

const MOVE_BUTTONS = [
  { to: "top", label: "Move to the top", Icon: ArrowUpToLine },
  { to: "up", label: "Move up", Icon: ArrowUp },
  { to: "down", label: "Move down", Icon: ArrowDown },
  { to: "bottom", label: "Move to the end", Icon: ArrowDownToLine },
] as const;

/** The fields of the form, as the API wants them. */
export function readTaskForm(data: FormData): EditedFields {
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

/**
 * Edits a task in place. It closes when the task is saved, and keeps what was entered until then: also
 * where the list is drawn anew, the page is left, or the task is deleted elsewhere.
 */
export function TaskEditor({
  task,
  rowId,
  onClose,
}: {
  task: ListedTask;
  /** What the list knows it by. */
  rowId: string;
  onClose: () => void;
}) {
  const { tasks: store, drafts, toasts } = useApp();
  const id = useId();
  const [kept] = useState(() => loadEdit(drafts, task.id, rowId));
  // What the fields were filled with: a change by somebody else meanwhile isn't undone by saving.
  const [before] = useState(kept?.before ?? task);
  const [filled] = useState<EditedFields>(kept?.fields ?? task);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [due, setDue] = useState(filled.due_date ?? "");
  const [lengths, setLengths] = useState({
    title: filled.title.length,
    notes: filled.description?.length ?? 0,
  });
  const form = useRef<HTMLFormElement>(null);
  const title = useRef<HTMLInputElement>(null);
  const today = useToday();
  const move = useMoveTask();

  // It replaces the button that was just pressed; drawn anew, it mustn't interrupt what one does elsewhere.
  useLayoutEffect(() => {
    if (isFocusLost()) title.current?.focus();
  }, []);

  /** What is entered, and what of it is new. */
  const read = (): { fields: EditedFields; changes: Partial<EditedFields> } => {
    const fields = form.current ? readTaskForm(new FormData(form.current)) : filled;
    return { fields, changes: changedFields(before, fields) };
  };

  const keep = (): void => {
    const { fields, changes } = read();
    const changed = Object.keys(changes).length > 0;
    const edit = changed ? { before: { ...before, id: task.id }, fields } : null;
    saveEdit(drafts, edit, task.id, rowId);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the days to choose from are no fields; an id may be new
  useEffect(keep, [due, task.id]);

  const close = (): void => {
    saveEdit(drafts, null, task.id, rowId);
    onClose();
  };

  /** Closes, unless there is something to lose. */
  const leave = (): void => {
    if (Object.keys(read().changes).length > 0) setAsking(true);
    else close();
  };

  const save = async (): Promise<void> => {
    if (saving) return;
    const { fields, changes } = read();
    if (!fields.title) {
      setProblem("A task needs a title.");
      return;
    }
    if (task.gone) {
      void store.add(fields);
      close();
      return;
    }
    if (Object.keys(changes).length === 0) {
      close();
      return;
    }
    setSaving(true);
    setProblem(null);
    const saved = await store.edit(task.id, changes, (reason) =>
      setProblem(`This couldn’t be saved. ${reason}`),
    );
    setSaving(false);
    if (saved) {
      const undo = changedFields({ ...before, ...changes }, { ...before });
      toasts.show({
        message: `Changed “${fields.title}”`,
        brief: true,
        action: { label: "Undo", run: () => void store.edit(task.id, undo) },
      });
    }
    // Deleted meanwhile, it stays open with what was entered.
    const there = store.getSnapshot().tasks.some((one) => (one.rowId ?? one.id) === rowId);
    if (saved && there) close();
  };

  return (
    <form
      ref={form}
      aria-label={`Edit “${task.title}”`}
      data-testid="task-editor"
      className="space-y-2.5 rounded-xl border border-line-strong bg-raised p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onInput={({ currentTarget }) => {
        keep();
        const data = new FormData(currentTarget);
        const lengthOf = (name: string): number => String(data.get(name) ?? "").length;
        setLengths({ title: lengthOf("title"), notes: lengthOf("description") });
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || asking) return;
        if (event.key === "Escape") {
          event.preventDefault();
          leave();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }
      }}
    >
      {task.gone ? (
        <p role="status" data-testid="task-edit-gone" className="text-sm text-warning">
          This task was deleted meanwhile. What you have entered is still here.
        </p>
      ) : null}
      <div className="space-y-1">
        <label htmlFor={`${id}-title`} className="text-xs font-medium">
          Title
        </label>
        <input
          ref={title}
          id={`${id}-title`}
          name="title"
          required
          dir="auto"
          maxLength={MAX_TITLE_LENGTH}
          defaultValue={filled.title}
          data-testid="task-edit-title"
          className={CONTROL}
        />
        <RoomLeft length={lengths.title} most={MAX_TITLE_LENGTH} />
      </div>
      <div className="space-y-1">
        <label htmlFor={`${id}-description`} className="text-xs font-medium">
          Notes
        </label>
        <textarea
          id={`${id}-description`}
          name="description"
          rows={2}
          dir="auto"
          maxLength={MAX_DESCRIPTION_LENGTH}
          defaultValue={filled.description ?? ""}
          className={`${CONTROL} field-sizing-content max-h-64`}
        />
        <RoomLeft length={lengths.notes} most={MAX_DESCRIPTION_LENGTH} />
      </div>
      <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-2.5">
        <div className="space-y-1">
          <label htmlFor={`${id}-due`} className="text-xs font-medium">
            Due
          </label>
          <input
            id={`${id}-due`}
            name="due_date"
            type="date"
            // Else years of more digits can be typed, which the back end doesn't take.
            max="9999-12-31"
            value={due}
            onChange={({ target }) => setDue(target.value)}
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
            defaultValue={filled.priority}
            className={CONTROL}
          >
            <option value="low">Low</option>
            <option value="medium">Medium</option>
            <option value="high">High</option>
          </select>
        </div>
      </div>
      {today ? (
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="sr-only">Due</legend>
          {dueShortcuts(today, nextMonday(today)).map(({ label, day }) => (
            <button
              key={label}
              type="button"
              data-testid="due-shortcut"
              aria-pressed={due === (day ?? "")}
              className="min-h-8 rounded-lg border border-line-strong bg-surface px-2.5 text-xs aria-pressed:bg-accent-soft aria-pressed:text-on-accent-soft pointer-coarse:min-h-11"
              onClick={() => setDue(day ?? "")}
            >
              {label}
            </button>
          ))}
        </fieldset>
      ) : null}
      {problem ? (
        <p role="alert" data-testid="task-edit-error" className="text-sm text-danger">
          {problem}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {move && !task.completed && !task.gone ? (
          <fieldset className="me-auto flex gap-1.5">
            <legend className="sr-only">Place in the list</legend>
            {MOVE_BUTTONS.map(({ to, label, Icon }) => (
              <Button
                key={to}
                variant="secondary"
                size="icon"
                aria-label={label}
                title={label}
                data-testid={`task-move-${to}`}
                onClick={() => move(rowId, to)}
              >
                <Icon className="size-4" aria-hidden="true" />
              </Button>
            ))}
          </fieldset>
        ) : null}
        <div className="flex gap-2">
          <Button variant="secondary" size="sm" onClick={leave}>
            Cancel
          </Button>
          <Button type="submit" size="sm" aria-disabled={saving} data-testid="task-edit-save">
            {saving ? "Saving…" : task.gone ? "Save as a new task" : "Save"}
          </Button>
        </div>
      </div>
      {asking ? (
        <ConfirmDialog
          title="Discard your changes?"
          text="What you have entered isn’t saved."
          confirm="Discard"
          onConfirm={close}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </form>
  );
}
