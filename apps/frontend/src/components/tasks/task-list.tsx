"use client";

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown } from "lucide-react";
import { type RefObject, useCallback, useMemo, useState } from "react";
import { useRowFocus } from "@/components/ui/focus";
import type { ListedTask } from "@/lib/tasks/types";
import type { TaskSection } from "@/lib/tasks/views";
import { usePrinting } from "@/lib/use-printing";
import { MovableRow, MovableTasks } from "./movable-tasks";
import { TaskRow } from "./task-row";

/** Up to so many rows all of them are in the page, where the browser's own search finds them. */
const MOST_UNWINDOWED = 100;
/** Height of a row of one line, with the gap below it, in pixels. */
const ROW_HEIGHT = 52;
/** Done tasks that are shown without being asked for: those that one may want back. */
const DONE_SHOWN = 5;

const NO_TASKS: readonly ListedTask[] = [];

const LABELS: Record<TaskSection<ListedTask>["name"], string> = {
  open: "Open",
  overdue: "Overdue",
  today: "Today",
  upcoming: "Upcoming",
  someday: "No date",
  done: "Done",
};

/** A line of the list: a heading, a task, or what unfolds the rest of the done ones. */
type Line =
  | { kind: "heading"; id: string; label: string; count: number }
  | { kind: "task"; id: string; task: ListedTask }
  | { kind: "more"; id: string; count: number };

function linesOf(sections: readonly TaskSection<ListedTask>[], unfolded: boolean): Line[] {
  return sections.flatMap(({ name, tasks }): Line[] => {
    const all = unfolded || name !== "done" || tasks.length <= DONE_SHOWN + 1;
    const shown = all ? tasks : tasks.slice(0, DONE_SHOWN);
    const plain = name === "open" || (name === "done" && sections.length === 1);
    return [
      ...(plain
        ? []
        : [{ kind: "heading" as const, id: name, label: LABELS[name], count: tasks.length }]),
      ...shown.map((task) => ({ kind: "task" as const, id: task.rowId ?? task.id, task })),
      ...(all ? [] : [{ kind: "more" as const, id: "more", count: tasks.length - DONE_SHOWN }]),
    ];
  });
}

/** The tasks, in sections. Long lists have only the rows in the page that can be seen, but on paper. */
export function TaskList({
  sections,
  movable,
  today,
  editing,
  onEdit,
  unfolded,
  heading,
  scroller,
  fallback,
}: {
  sections: readonly TaskSection<ListedTask>[];
  /** Whether the order is the one that the person makes. */
  movable: boolean;
  today: string | null;
  /** The row whose editor is open. */
  editing: string | null;
  onEdit: (rowId: string | null) => void;
  /** Whether all done tasks are wanted. */
  unfolded: boolean;
  /** Of the sections. */
  heading: "h2" | "h3";
  scroller: RefObject<HTMLDivElement | null>;
  /** Gets the focus when the last row has gone. */
  fallback: RefObject<HTMLElement | null>;
}) {
  const [all, setAll] = useState(false);
  const [held, setHeld] = useState<string | null>(null);
  const lines = useMemo(() => linesOf(sections, unfolded || all), [sections, unfolded, all]);
  const rowFocus = useRowFocus(fallback);
  const printing = usePrinting();
  const showAll = useCallback(() => setAll(true), []);
  const list = { lines, movable, today, heading, editing, onEdit, onMore: showAll };
  const drawn =
    lines.length > MOST_UNWINDOWED && !printing ? (
      <WindowedLines {...list} held={held} scroller={scroller} />
    ) : (
      <ul className="space-y-1.5">
        {lines.map((line) => (
          <li key={line.id}>
            <LineView {...list} line={line} />
          </li>
        ))}
      </ul>
    );
  const open = sections.find(({ name }) => name === "open")?.tasks ?? NO_TASKS;
  return (
    <div {...rowFocus}>
      {movable ? (
        <MovableTasks tasks={open} scroller={scroller} onHold={setHeld}>
          {drawn}
        </MovableTasks>
      ) : (
        drawn
      )}
    </div>
  );
}

interface LinesProps {
  lines: readonly Line[];
  movable: boolean;
  today: string | null;
  heading: "h2" | "h3";
  editing: string | null;
  onEdit: (rowId: string | null) => void;
  onMore: () => void;
}

function WindowedLines({
  scroller,
  held,
  ...list
}: LinesProps & {
  /** The row that is being dragged. */
  held: string | null;
  scroller: RefObject<HTMLDivElement | null>;
}) {
  const { lines, editing } = list;
  // What is half written or in somebody's hand stays, however far away it is.
  const staying = [editing, held].map((id) => lines.findIndex((line) => line.id === id));
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 8,
    rangeExtractor: (range) =>
      [
        ...new Set([...staying.filter((index) => index >= 0), ...defaultRangeExtractor(range)]),
      ].sort((one, other) => one - other),
  });
  return (
    <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ key, index, start }) => {
        const line = lines[index];
        return line ? (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={lines.length}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0 pb-1.5"
            style={{ transform: `translateY(${start}px)` }}
          >
            <LineView {...list} line={line} />
          </li>
        ) : null;
      })}
    </ul>
  );
}

function LineView({
  line,
  movable,
  today,
  heading: Heading,
  editing,
  onEdit,
  onMore,
}: LinesProps & { line: Line }) {
  if (line.kind === "task") {
    const row = (
      <TaskRow task={line.task} today={today} editing={editing === line.id} onEdit={onEdit} />
    );
    if (!movable || line.task.completed) return row;
    return (
      <MovableRow rowId={line.id} held={editing === line.id}>
        {row}
      </MovableRow>
    );
  }
  if (line.kind === "heading") {
    return (
      <Heading className="flex justify-between px-1 pt-3 text-xs font-semibold text-ink-muted">
        {line.label}
        <span className="font-normal">{line.count}</span>
      </Heading>
    );
  }
  return (
    <div data-row={line.id}>
      <button
        type="button"
        data-testid="task-show-done"
        className="flex min-h-9 w-full items-center justify-center gap-1.5 rounded-xl text-sm text-ink-muted hover:bg-raised pointer-coarse:min-h-11"
        onClick={onMore}
      >
        {line.count} more done
        <ChevronDown className="size-4" aria-hidden="true" />
      </button>
    </div>
  );
}
