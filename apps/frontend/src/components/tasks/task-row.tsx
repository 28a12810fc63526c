"use client";

import { CalendarDays, Check, CircleAlert, Clock, Flag, Pencil, Trash2 } from "lucide-react";
import { memo } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useReturnFocus } from "@/components/ui/focus";
import { describeDueDate, type ListedTask, type Task } from "@/lib/tasks/types";
import { DragHandle } from "./movable-tasks";
import { TaskEditor } from "./task-editor";

const deleted = (count: number): string => `${count} tasks deleted`;
const done = (count: number): string => `${count} tasks done`;

/** One task: tick off, edit, delete. */
export const TaskRow = memo(function TaskRow({
  task,
  today,
  editing,
  onEdit,
}: {
  task: ListedTask;
  today: string | null;
  editing: boolean;
  /** Opens the editor of the row with this id, or closes it with null. */
  onEdit: (rowId: string | null) => void;
}) {
  const { tasks: store, toasts } = useApp();
  const [editButton, returnFocus] = useReturnFocus<HTMLButtonElement>();
  const rowId = task.rowId ?? task.id;
  const unsettled = task.unsaved === "saving" || task.unsaved === "failed";

  const remove = (): void => {
    const undo = store.remove(task.id);
    toasts.show({
      message: `Deleted “${task.title}”`,
      action: { label: "Undo", run: undo },
      group: { name: "deleted", subject: task.title, describe: deleted },
    });
  };
  const toggle = (completed: boolean): void => {
    void store.edit(task.id, { completed });
    if (!completed) return;
    toasts.show({
      message: `Done: “${task.title}”`,
      brief: true,
      action: { label: "Undo", run: () => void store.edit(task.id, { completed: false }) },
      group: { name: "done", subject: task.title, describe: done },
    });
  };

  if (editing) {
    return (
      <div data-row={rowId}>
        <TaskEditor
          task={task}
          rowId={rowId}
          onClose={() => {
            onEdit(null);
            returnFocus();
          }}
        />
      </div>
    );
  }
  return (
    <div
      data-testid="task-item"
      data-row={rowId}
      className="group relative flex items-start rounded-xl border border-line bg-surface transition-colors hover:border-line-strong"
    >
      <DragHandle />
      <label className="relative grid size-11 shrink-0 place-items-center rounded-xl not-has-disabled:cursor-pointer">
        {/* As large as a finger; the circle is drawn in it. */}
        <input
          type="checkbox"
          checked={task.completed}
          aria-label={`Done: ${task.title}`}
          data-testid="task-toggle"
          disabled={unsettled}
          className="peer absolute inset-0 size-11 cursor-[inherit] appearance-none rounded-xl -outline-offset-2!"
          onChange={(event) => toggle(event.target.checked)}
        />
        <span
          aria-hidden="true"
          className="pointer-events-none size-5.5 rounded-full border-2 border-line-strong transition-colors peer-checked:border-accent peer-checked:bg-accent print:[print-color-adjust:exact]"
        />
        <Check
          className="pointer-events-none absolute size-3.5 text-on-accent opacity-0 peer-checked:opacity-100 forced-colors:text-current"
          strokeWidth={3.5}
          aria-hidden="true"
        />
      </label>
      <div className="min-w-0 flex-1 py-2.5 pe-3 pointer-coarse:pe-24">
        <p
          dir="auto"
          data-testid="task-title"
          className={`break-words ${task.completed ? "text-ink-muted line-through" : ""}`}
        >
          {task.title}
        </p>
        {task.description ? (
          <p dir="auto" className="mt-0.5 line-clamp-2 text-sm break-words text-ink-muted">
            {task.description}
          </p>
        ) : null}
        <TaskDetails task={task} today={today} />
        <Unsaved task={task} />
      </div>
      <div className="row-actions absolute end-1 top-1 flex pointer-coarse:top-0 rounded-lg opacity-0 group-hover:opacity-100 focus-within:opacity-100 pointer-coarse:opacity-100 print:hidden">
        <Button
          ref={editButton}
          variant="ghost"
          size="icon"
          aria-label={`Edit “${task.title}”`}
          data-testid="task-edit"
          disabled={unsettled}
          onClick={() => onEdit(rowId)}
        >
          <Pencil className="size-4" aria-hidden="true" />
        </Button>
        <Button
          variant="ghost"
          size="icon"
          className="enabled:hover:text-danger!"
          aria-label={`Delete “${task.title}”`}
          data-testid="task-delete"
          disabled={unsettled}
          onClick={remove}
        >
          <Trash2 className="size-4" aria-hidden="true" />
        </Button>
      </div>
    </div>
  );
});

/** What is the matter with a task that isn't saved, and what can be done about it. */
function Unsaved({ task }: { task: ListedTask }) {
  const { tasks: store, toasts } = useApp();
  if (task.unsaved !== "waiting" && task.unsaved !== "failed") return null;
  return (
    <div
      data-testid="task-unsaved"
      className="mt-1 flex flex-wrap items-center gap-x-1 text-xs text-ink-muted"
    >
      {task.unsaved === "waiting" ? (
        <>
          <Clock className="size-3.5" aria-hidden="true" />
          Waiting to be saved
        </>
      ) : (
        <>
          <CircleAlert className="size-3.5 text-danger" aria-hidden="true" />
          <span className="text-danger">Not saved</span>
          <Button
            variant="ghost"
            size="sm"
            aria-label={`Try to save “${task.title}” again`}
            data-testid="task-retry"
            onClick={() => void store.save(task.id)}
          >
            Try again
          </Button>
        </>
      )}
      <Button
        variant="ghost"
        size="sm"
        aria-label={`Discard what isn’t saved of “${task.title}”`}
        data-testid="task-discard"
        onClick={() => {
          const undo = store.discard(task.id);
          toasts.show({
            message: `Discarded what wasn’t saved of “${task.title}”`,
            action: { label: "Undo", run: undo },
          });
        }}
      >
        Discard
      </Button>
    </div>
  );
}

function TaskDetails({ task, today }: { task: Task; today: string | null }) {
  if (!task.due_date && task.priority === "medium") return null;
  const due = task.due_date ? describeDueDate(task.due_date, today) : null;
  const late = due?.overdue && !task.completed;
  return (
    <p className="mt-1 flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-muted">
      {due ? (
        <span className={`inline-flex items-center gap-1 ${late ? "font-medium text-danger" : ""}`}>
          <CalendarDays className="size-3.5" aria-hidden="true" />
          {late ? "Overdue: " : <span className="sr-only">Due </span>}
          {due.text}
        </span>
      ) : null}
      {task.priority === "medium" ? null : (
        <span
          className={`inline-flex items-center gap-1 ${task.priority === "high" ? "font-medium text-warning" : ""}`}
        >
          <Flag className="size-3.5" aria-hidden="true" />
          {task.priority === "high" ? "High priority" : "Low priority"}
        </span>
      )}
    </p>
  );
}
