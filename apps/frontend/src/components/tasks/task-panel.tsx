"use client";

import { ListTodo, Search } from "lucide-react";
import {
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useKeptFocus } from "@/components/ui/focus";
import { chooseOrder, chosenOrder, watchOrder } from "@/lib/tasks/chosen-order";
import { lastEdited, loadEdit } from "@/lib/tasks/edit-drafts";
import { noteOnScreen } from "@/lib/tasks/on-screen";
import {
  countDue,
  DUE_FILTERS,
  isDueFilter,
  type ListedTask,
  type NewTask,
  selectTasks,
  type Task,
  type TaskFilter,
} from "@/lib/tasks/types";
import { chooseFilter, useFilter } from "@/lib/tasks/use-filter";
import { parseOrder, sections, TASK_ORDERS, type TaskOrder } from "@/lib/tasks/views";
import { useObservable } from "@/lib/use-observable";
import { useToday } from "@/lib/use-today";
import { AddTask } from "./add-task";
import { TaskList } from "./task-list";

const FILTER_LABELS: Record<TaskFilter, string> = {
  all: "All",
  open: "Open",
  done: "Done",
  overdue: "Overdue",
  today: "Today",
  upcoming: "Upcoming",
};

/** What is said where a filter leaves nothing. */
const NOTHING: Partial<Record<TaskFilter, string>> = {
  overdue: "Nothing is overdue",
  today: "Nothing is due today",
  upcoming: "Nothing is coming up",
};

const ORDER_LABELS: Record<TaskOrder, string> = {
  hand: "My order",
  added: "As added",
  due: "Due date",
  priority: "Priority",
  title: "Title",
};

/** The person's tasks, with everything that can be done to them by hand. */
export function TaskPanel({ heading: Heading }: { heading: "h1" | "h2" }) {
  const { tasks: store, firstOrder, drafts } = useApp();
  const filter = useFilter();
  const { tasks, load } = useObservable(store);
  const addInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const keepFocus = useCallback(() => scroller.current?.focus({ preventScroll: true }), []);
  const orderMenu = useRef<HTMLSelectElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const order = useSyncExternalStore(watchOrder, chosenOrder, () => firstOrder);
  // Both are there before the page's scripts are: what one has chosen and typed until now counts.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, before the first change draws over it
  useLayoutEffect(() => {
    const chosen = parseOrder(orderMenu.current?.value);
    if (chosen !== order) chooseOrder(chosen);
    setSearch(searchField.current?.value ?? "");
  }, []);
  const today = useToday();
  // What the server draws would be another list in another time zone or language.
  const timeless = order === "hand" || order === "added";
  const drawn = (timeless && !isDueFilter(filter)) || today !== null;
  // Typing goes before drawing what is found.
  const words = useDeferredValue(search);
  // What was half written when one left is open again.
  useEffect(() => setEdited(lastEdited(drafts)), [drafts]);
  const inEditor = useMemo((): ListedTask | undefined => {
    if (edited === null) return undefined;
    const task = tasks.find(({ id, rowId }) => id === edited || rowId === edited);
    if (task || load !== "ready") return task;
    const before = loadEdit(drafts, edited)?.before;
    return before && { ...before, rowId: edited, gone: true };
  }, [tasks, load, edited, drafts]);
  const editing = inEditor ? (inEditor.rowId ?? inEditor.id) : null;
  const shown = useMemo(() => {
    const selected = new Set<ListedTask>(selectTasks(tasks, filter, words, today));
    // What is being edited stays, whatever one looks for meanwhile.
    const listed = inEditor?.gone ? [...tasks, inEditor] : tasks;
    const kept = listed.filter((task) => selected.has(task) || task === inEditor);
    return sections(kept, order, today);
  }, [tasks, filter, words, order, today, inEditor]);
  // The assistant's "first one" is the first of these. Without a selection the order says enough.
  const selects = filter !== "all" || words.trim() !== "";
  useEffect(() => noteOnScreen(selects ? shown.flatMap((one) => one.tasks) : []), [selects, shown]);
  const open = useMemo(() => tasks.filter((task) => !task.completed), [tasks]);
  const counts = useMemo(() => (today === null ? null : countDue(open, today)), [open, today]);
  // There is something to choose by days, which the server knows as well.
  const dated = isDueFilter(filter) || open.some((task) => task.due_date !== null);

  const add = (fields: NewTask): void => {
    const task = filter === "today" && !fields.due_date ? { ...fields, due_date: today } : fields;
    void store.add(task);
    // What one has just added is there to be seen.
    if (selectTasks([asListed(task)], filter, search, today).length > 0) return;
    chooseFilter("all");
    setSearch("");
  };

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" data-testid="task-panel">
      <div className="shrink-0 space-y-2.5 px-4 pt-4 pb-3 short:flex short:flex-wrap short:items-start short:gap-2 short:space-y-0 short:py-2">
        <div className="flex items-center justify-between gap-2">
          {/* Where there is little room, the page's own heading says it. */}
          <div className="flex items-baseline gap-2 short:max-lg:sr-only">
            <Heading className="text-lg font-semibold tracking-tight">Tasks</Heading>
            <p className="text-sm text-ink-muted" data-testid="task-count">
              {load === "ready" && open.length > 0 ? `${open.length} open` : null}
            </p>
          </div>
          <label className="flex items-center gap-1.5 text-sm text-ink-muted print:hidden">
            <span className="max-sm:sr-only md:sr-only">Order</span>
            <select
              ref={orderMenu}
              aria-label="Order"
              autoComplete="off"
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
        <div className="short:min-w-52 short:flex-1 print:hidden">
          <AddTask input={addInput} onAdd={add} />
        </div>
        <div className="flex flex-wrap gap-2 short:w-full print:hidden">
          <fieldset className="flex rounded-xl border border-line bg-canvas p-0.5">
            <legend className="sr-only">Show</legend>
            {(["all", "open", "done"] as const).map((value) => (
              <FilterButton key={value} value={value} chosen={filter === value} />
            ))}
          </fieldset>
          <div className="relative min-w-28 flex-1">
            <Search
              className="pointer-events-none absolute start-3 top-1/2 size-4 -translate-y-1/2 text-ink-muted"
              aria-hidden="true"
            />
            <input
              ref={searchField}
              type="search"
              dir="auto"
              aria-label="Search tasks"
              autoComplete="off"
              placeholder="Search"
              data-testid="task-search"
              className="h-full min-h-10 w-full rounded-xl border border-line-strong bg-surface ps-9 pe-2 text-base pointer-coarse:min-h-11"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
          {dated ? (
            <fieldset className="flex w-full rounded-xl border border-line bg-canvas p-0.5 short:w-auto short:flex-1">
              <legend className="sr-only">Show by day</legend>
              {DUE_FILTERS.map((value) => (
                <FilterButton
                  key={value}
                  value={value}
                  chosen={filter === value}
                  count={counts?.[value] ?? null}
                />
              ))}
            </fieldset>
          ) : null}
        </div>
      </div>
      <div
        ref={scroller}
        tabIndex={-1}
        className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-4 pb-4 -outline-offset-2!"
        {...useKeptFocus(scroller, keepFocus)}
      >
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
        {load === "ready" && tasks.length === 0 && !inEditor ? (
          <Empty
            title="Nothing to do yet"
            text="Add a task above, or tell the assistant what’s on your mind."
          />
        ) : null}
        {load === "ready" && tasks.length > 0 && shown.length === 0 ? (
          <Empty
            title={(words.trim() === "" && NOTHING[filter]) || "No task fits"}
            text="Try another filter or other words."
          />
        ) : null}
        {drawn ? (
          <TaskList
            sections={shown}
            movable={order === "hand"}
            today={today}
            editing={editing}
            onEdit={setEdited}
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

/** A task that is added, as the list would have it. */
function asListed(fields: NewTask): Task {
  return {
    ...{ id: "", description: null, completed: false, due_date: null, priority: "medium" as const },
    ...{ position: "", created_at: "", updated_at: "" },
    ...fields,
  };
}

/** Chooses a filter; pressed once more, one by days makes room for all tasks again. */
function FilterButton({
  value,
  chosen,
  count,
}: {
  value: TaskFilter;
  chosen: boolean;
  /** How many tasks it leaves; null until that is known. */
  count?: number | null;
}) {
  const late = value === "overdue" && count && !chosen ? "font-medium text-danger" : "";
  return (
    <button
      type="button"
      aria-pressed={chosen}
      data-testid={`task-filter-${value}`}
      className={`filter-chip min-h-9 min-w-11 rounded-[0.6rem] text-sm text-ink-muted aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-on-accent-soft pointer-coarse:min-h-11 ${
        count === undefined
          ? "px-2.5 sm:px-3"
          : "flex flex-1 items-center justify-center gap-1.5 px-1.5"
      }`}
      onClick={() => chooseFilter(chosen && isDueFilter(value) ? "all" : value)}
    >
      {FILTER_LABELS[value]}
      {count === undefined ? null : (
        <span className={`min-w-2 text-xs tabular-nums ${late}`}>{count}</span>
      )}
    </button>
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
