"use client";

import { ListTodo, Plus, Search } from "lucide-react";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { inputStyle } from "@/components/ui/field";
import { useRowFocus } from "@/components/ui/focus";
import { MAX_TITLE_LENGTH, selectTasks, TASK_FILTERS, type TaskFilter } from "@/lib/tasks/types";
import { useObservable } from "@/lib/use-observable";
import { TaskRow } from "./task-row";

const FILTER_LABELS: Record<TaskFilter, string> = { all: "All", open: "Open", done: "Done" };

/** The person's tasks, with everything that can be done to them by hand. */
export function TaskPanel({ heading: Heading }: { heading: "h1" | "h2" }) {
  const { tasks: store, chat, toasts } = useApp();
  const { tasks, load } = useObservable(store);
  const addInput = useRef<HTMLInputElement>(null);
  const rowFocus = useRowFocus(addInput);
  const [filter, setFilter] = useState<TaskFilter>("all");
  const [search, setSearch] = useState("");
  const shown = useMemo(() => selectTasks(tasks, filter, search), [tasks, filter, search]);
  const open = tasks.filter((task) => !task.completed).length;

  // The assistant is about to look: it mustn't find what one believes to be deleted.
  useEffect(() => {
    let before = chat.getSnapshot().active.run;
    return chat.subscribe(() => {
      const { run } = chat.getSnapshot().active;
      if (run === "running" && before !== run) toasts.flush();
      before = run;
    });
  }, [chat, toasts]);

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" data-testid="task-panel">
      <div className="shrink-0 space-y-3 px-4 pt-4 pb-3">
        <div className="flex items-baseline justify-between gap-2">
          <Heading className="text-lg font-semibold tracking-tight">Tasks</Heading>
          <p className="text-sm text-ink-muted" data-testid="task-count">
            {load === "ready" && open > 0 ? `${open} open` : null}
          </p>
        </div>
        <AddTask input={addInput} />
        <div className="flex flex-wrap gap-2">
          <fieldset className="flex rounded-xl bg-raised p-0.5 ring-1 ring-line">
            <legend className="sr-only">Show</legend>
            {TASK_FILTERS.map((value) => (
              <button
                key={value}
                type="button"
                aria-pressed={filter === value}
                data-testid={`task-filter-${value}`}
                className="min-h-8 rounded-[0.6rem] px-3 text-sm text-ink-muted aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-card"
                onClick={() => setFilter(value)}
              >
                {FILTER_LABELS[value]}
              </button>
            ))}
          </fieldset>
          <div className="relative min-w-32 flex-1">
            <Search
              className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-muted"
              aria-hidden="true"
            />
            <input
              type="search"
              aria-label="Search tasks"
              placeholder="Search"
              data-testid="task-search"
              className="min-h-9 w-full rounded-xl border border-line-strong bg-surface pr-2 pl-9 text-sm"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
        </div>
      </div>
      <div className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-4 pb-4">
        {load === "loading" ? <TasksSkeleton /> : null}
        {load === "error" ? (
          <Empty
            title="The tasks couldn’t be loaded."
            text="They will show up as soon as the connection is back."
          />
        ) : null}
        {load === "ready" && tasks.length === 0 ? (
          <Empty
            title="Nothing to do yet"
            text="Add a task above, or tell the assistant what’s on your mind."
          />
        ) : null}
        {load === "ready" && tasks.length > 0 && shown.length === 0 ? (
          <Empty title="No task fits" text="Try another filter or other words." />
        ) : null}
        <ul className="space-y-1.5" {...rowFocus.props}>
          {shown.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </ul>
      </div>
    </div>
  );
}

function AddTask({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { tasks: store } = useApp();
  const [title, setTitle] = useState("");
  return (
    <form
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = title.trim();
        if (!trimmed) return;
        setTitle("");
        // The button, which may have been pressed, is of no use until there is something typed again.
        input.current?.focus();
        void store.add({ title: trimmed });
      }}
    >
      <input
        ref={input}
        aria-label="New task"
        placeholder="Add a task"
        data-testid="task-add-input"
        maxLength={MAX_TITLE_LENGTH}
        className={inputStyle}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Button
        type="submit"
        className="px-3!"
        aria-label="Add task"
        data-testid="task-add-submit"
        disabled={!title.trim()}
      >
        <Plus className="size-5" aria-hidden="true" />
      </Button>
    </form>
  );
}

function Empty({ title, text }: { title: string; text: string }) {
  return (
    <div className="flex flex-col items-center px-4 pt-10 text-center" data-testid="task-empty">
      <span className="grid size-12 place-items-center rounded-2xl bg-raised text-ink-muted">
        <ListTodo className="size-6" aria-hidden="true" />
      </span>
      <p className="mt-3 font-medium">{title}</p>
      <p className="mt-1 max-w-60 text-sm text-ink-muted text-balance">{text}</p>
    </div>
  );
}

function TasksSkeleton() {
  return (
    <div className="animate-breathe space-y-1.5" aria-hidden="true">
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="h-13 rounded-xl bg-raised ring-1 ring-line" />
      ))}
    </div>
  );
}
