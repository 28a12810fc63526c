"use client";

import { CalendarDays, Check, CircleAlert, Clock, Flag, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useReturnFocus } from "@/components/ui/focus";
import { describeDueDate, type ListedTask, type Task } from "@/lib/tasks/types";
import { TaskEditor } from "./task-editor";

/** One task: tick off, edit, delete. */
export function TaskRow({ task }: { task: ListedTask }) {
  const { tasks: store, toasts } = useApp();
  const [editing, setEditing] = useState(false);
  const [editButton, returnFocus] = useReturnFocus<HTMLButtonElement>();
  const unsaved = task.unsaved !== undefined;

  const remove = (): void => {
    store.remove(task.id);
    toasts.show({
      message: `Deleted “${task.title}”`,
      action: { label: "Undo", run: () => store.restore(task.id) },
      onLapse: () => void store.deleteRemoved(task.id),
    });
  };

  if (editing) {
    return (
      <li data-row={task.id}>
        <TaskEditor
          task={task}
          onClose={() => {
            setEditing(false);
            returnFocus();
          }}
        />
      </li>
    );
  }
  return (
    <li
      data-testid="task-item"
      data-row={task.id}
      className="group flex items-start rounded-xl border border-line bg-surface transition-colors hover:border-line-strong"
    >
      <label className="relative grid size-11 shrink-0 place-items-center rounded-xl not-has-disabled:cursor-pointer">
        <input
          type="checkbox"
          checked={task.completed}
          aria-label={`Done: ${task.title}`}
          data-testid="task-toggle"
          disabled={unsaved}
          className="peer size-5.5 cursor-[inherit] appearance-none rounded-full border-2 border-line-strong transition-colors checked:border-accent checked:bg-accent"
          onChange={(event) => void store.edit(task.id, { completed: event.target.checked })}
        />
        <Check
          className="pointer-events-none absolute size-3.5 text-on-accent opacity-0 peer-checked:opacity-100"
          strokeWidth={3.5}
          aria-hidden="true"
        />
      </label>
      <div className="min-w-0 flex-1 py-2.5">
        <p
          data-testid="task-title"
          className={`break-words ${task.completed ? "text-ink-muted line-through" : ""}`}
        >
          {task.title}
        </p>
        {task.description ? (
          <p className="mt-0.5 line-clamp-2 text-sm break-words text-ink-muted">
            {task.description}
          </p>
        ) : null}
        <TaskDetails task={task} />
        <Unsaved task={task} />
      </div>
      <div className="flex shrink-0 p-1 opacity-0 group-hover:opacity-100 focus-within:opacity-100 pointer-coarse:opacity-100">
        <Button
          ref={editButton}
          variant="ghost"
          size="icon"
          aria-label={`Edit “${task.title}”`}
          data-testid="task-edit"
          disabled={unsaved}
          onClick={() => setEditing(true)}
        >
          <Pencil className="size-4" aria-hidden="true" />
        </Button>
        <Button
          variant="ghost"
          size="icon"
          className="enabled:hover:text-danger!"
          aria-label={`Delete “${task.title}”`}
          data-testid="task-delete"
          disabled={unsaved}
          onClick={remove}
        >
          <Trash2 className="size-4" aria-hidden="true" />
        </Button>
      </div>
    </li>
  );
}

/** What is the matter with a task that isn't saved, and what can be done about it. */
function Unsaved({ task }: { task: ListedTask }) {
  const { tasks: store } = useApp();
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
        aria-label={`Discard “${task.title}”`}
        data-testid="task-discard"
        onClick={() => store.discard(task.id)}
      >
        Discard
      </Button>
    </div>
  );
}

function TaskDetails({ task }: { task: Task }) {
  if (!task.due_date && task.priority === "medium") return null;
  const due = task.due_date ? describeDueDate(task.due_date, new Date()) : null;
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
