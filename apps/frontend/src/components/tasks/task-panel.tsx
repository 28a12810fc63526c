"use client";

import { ListTodo, Search } from "lucide-react";
import { useDeferredValue, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { chooseOrder, chosenOrder, watchOrder } from "@/lib/tasks/chosen-order";
import { selectTasks, TASK_FILTERS, type TaskFilter } from "@/lib/tasks/types";
import { parseOrder, sections, TASK_ORDERS, type TaskOrder } from "@/lib/tasks/views";
import { useObservable } from "@/lib/use-observable";
import { useToday } from "@/lib/use-today";
import { AddTask } from "./add-task";
import { TaskList } from "./task-list";

const FILTER_LABELS: Record<TaskFilter, string> = { all: "All", open: "Open", done: "Done" };

const ORDER_LABELS: Record<TaskOrder, string> = {
  added: "As added",
  due: "Due date",
  priority: "Priority",
  title: "Title",
};

/** The person's tasks, with everything that can be done to them by hand. */
export function TaskPanel({ heading: Heading }: { heading: "h1" | "h2" }) {
  const { tasks: store, firstOrder } = useApp();
  const { tasks, load } = useObservable(store);
  const addInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [filter, setFilter] = useState<TaskFilter>("all");
  const [search, setSearch] = useState("");
  const order = useSyncExternalStore(watchOrder, chosenOrder, () => firstOrder);
  const today = useToday();
  // What the server draws would be another list in another time zone or language.
  const drawn = order === "added" || today !== null;
  // Typing goes before drawing what is found.
  const words = useDeferredValue(search);
  const shown = useMemo(
    () => sections(selectTasks(tasks, filter, words), order, today),
    [tasks, filter, words, order, today],
  );
  const open = useMemo(() => tasks.filter((task) => !task.completed).length, [tasks]);

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" data-testid="task-panel">
      <div className="shrink-0 space-y-2.5 px-4 pt-4 pb-3">
        <div className="flex items-center justify-between gap-2">
          <div className="flex items-baseline gap-2">
            <Heading className="text-lg font-semibold tracking-tight">Tasks</Heading>
            <p className="text-sm text-ink-muted" data-testid="task-count">
              {load === "ready" && open > 0 ? `${open} open` : null}
            </p>
          </div>
          <label className="flex items-center gap-1.5 text-sm text-ink-muted">
            <span className="max-sm:sr-only md:sr-only">Order</span>
            <select
              aria-label="Order"
              data-testid="task-order"
              className="min-h-9 rounded-lg border border-line bg-surface px-2 text-sm text-ink pointer-coarse:min-h-11 pointer-coarse:text-base"
              value={order}
              onChange={({ target }) => chooseOrder(parseOrder(target.value))}
            >
              {TASK_ORDERS.map((value) => (
                <option key={value} value={value}>
                  {ORDER_LABELS[value]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <AddTask input={addInput} />
        <div className="flex flex-wrap gap-2">
          <fieldset className="flex rounded-xl border border-line bg-canvas p-0.5">
            <legend className="sr-only">Show</legend>
            {TASK_FILTERS.map((value) => (
              <button
                key={value}
                type="button"
                aria-pressed={filter === value}
                data-testid={`task-filter-${value}`}
                className="filter-chip min-h-9 min-w-11 rounded-[0.6rem] px-3 text-sm text-ink-muted aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-on-accent-soft pointer-coarse:min-h-11"
                onClick={() => setFilter(value)}
              >
                {FILTER_LABELS[value]}
              </button>
            ))}
          </fieldset>
          <div className="relative min-w-32 flex-1">
            <Search
              className="pointer-events-none absolute start-3 top-1/2 size-4 -translate-y-1/2 text-ink-muted"
              aria-hidden="true"
            />
            <input
              type="search"
              dir="auto"
              aria-label="Search tasks"
              placeholder="Search"
              data-testid="task-search"
              className="min-h-10 w-full rounded-xl border border-line-strong bg-surface ps-9 pe-2 text-base pointer-coarse:min-h-11"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
        </div>
      </div>
      <div ref={scroller} className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-4 pb-4">
        {(load === "loading" && tasks.length === 0) || !drawn ? <TasksSkeleton /> : null}
        {load === "error" ? (
          <Empty title="The tasks couldn’t be loaded." text="Your tasks are safe.">
            <Button
              variant="secondary"
              size="sm"
              className="mt-3"
              data-testid="task-reload"
              onClick={() => void store.reload()}
            >
              Try again
            </Button>
          </Empty>
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
        {drawn ? (
          <TaskList
            sections={shown}
            today={today}
            heading={Heading === "h1" ? "h2" : "h3"}
            unfolded={filter === "done" || words.trim() !== ""}
            scroller={scroller}
            fallback={addInput}
          />
        ) : null}
      </div>
    </div>
  );
}

function Empty({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: React.ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-4 pt-10 text-center" data-testid="task-empty">
      <span className="grid size-12 place-items-center rounded-2xl bg-raised text-ink-muted">
        <ListTodo className="size-6" aria-hidden="true" />
      </span>
      <p className="mt-3 font-medium">{title}</p>
      <p className="mt-1 max-w-60 text-sm text-ink-muted text-balance">{text}</p>
      {children}
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
