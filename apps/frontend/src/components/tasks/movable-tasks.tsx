"use client";

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  type DraggableSyntheticListeners,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { SortableContext, useSortable, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { GripVertical } from "lucide-react";
import {
  createContext,
  type MouseEventHandler,
  type ReactNode,
  type TouchEventHandler,
  useContext,
  useId,
  useMemo,
  useState,
} from "react";
import { useApp } from "@/components/shell/app-provider";
import { positionAt } from "@/lib/tasks/position";
import type { ListedTask } from "@/lib/tasks/types";

/** How far a mouse has to move before that is dragging, in pixels. */
const DRAG_DISTANCE = 5;
/** How long a finger has to stay before it drags, in milliseconds: shorter is scrolling. */
const HOLD_MS = 300;
/** How far a finger may tremble meanwhile, in pixels. */
const HOLD_TOLERANCE = 8;

export const MOVES = ["top", "up", "down", "bottom"] as const;
export type Move = (typeof MOVES)[number];

/** Moves the task of a row; null where the order isn't the one made by hand. */
const MoveTask = createContext<((rowId: string, move: Move) => void) | null>(null);

/** What the row is dragged by. */
const DragListeners = createContext<DraggableSyntheticListeners>(undefined);

const rowIdOf = (task: ListedTask): string => task.rowId ?? task.id;

/** What moves the task of a row by a step; null where it can't be moved. */
export function useMoveTask(): ((rowId: string, move: Move) => void) | null {
  return useContext(MoveTask);
}

/**
 * Has the rows of open tasks be put into another order: with the mouse by their handle, with a finger
 * that is held on them, with Alt and the arrow keys, and by what the editor offers.
 */
export function MovableTasks({
  tasks,
  onHold,
  children,
}: {
  /** The open tasks in the order made by hand, as far as they are shown. */
  tasks: readonly ListedTask[];
  /** Hears which row is being dragged, which has to stay in the page. */
  onHold: (rowId: string | null) => void;
  children: ReactNode;
}) {
  const { tasks: store } = useApp();
  const id = useId();
  const [said, setSaid] = useState("");
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: DRAG_DISTANCE } }),
    useSensor(TouchSensor, {
      activationConstraint: { delay: HOLD_MS, tolerance: HOLD_TOLERANCE },
    }),
  );
  const ids = useMemo(() => tasks.map(rowIdOf), [tasks]);

  const put = (from: number, to: number): void => {
    const task = tasks[from];
    if (!task) return;
    const place = Math.min(Math.max(to, 0), tasks.length - 1);
    setSaid(`“${task.title}” is ${place + 1} of ${tasks.length}.`);
    if (place === from || task.unsaved === "saving" || task.unsaved === "failed") return;
    const others = tasks.toSpliced(from, 1);
    void store.edit(task.id, { position: positionAt(others, place) });
  };
  const move = (rowId: string, by: Move): void => {
    const from = ids.indexOf(rowId);
    const to = { top: 0, up: from - 1, down: from + 1, bottom: ids.length }[by];
    if (from !== -1) put(from, to);
  };
  const drop = ({ active, over }: DragEndEvent): void => {
    onHold(null);
    if (over) put(ids.indexOf(String(active.id)), ids.indexOf(String(over.id)));
  };

  return (
    <DndContext
      id={id}
      sensors={sensors}
      collisionDetection={closestCenter}
      modifiers={[({ transform }) => ({ ...transform, x: 0 })]}
      accessibility={{
        // Who hears the page moves tasks by keys, and is told of it below.
        announcements: {
          onDragStart: () => undefined,
          onDragOver: () => undefined,
          onDragEnd: () => undefined,
          onDragCancel: () => undefined,
        },
        screenReaderInstructions: { draggable: "" },
        restoreFocus: false,
      }}
      onDragStart={({ active }) => onHold(String(active.id))}
      onDragEnd={drop}
      onDragCancel={() => onHold(null)}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <MoveTask value={move}>{children}</MoveTask>
      </SortableContext>
      <p role="status" className="sr-only" data-testid="task-moved">
        {said}
      </p>
    </DndContext>
  );
}

/** A row that can be moved. */
export function MovableRow({
  rowId,
  held,
  children,
}: {
  rowId: string;
  /** It stays where it is, as it is being edited. */
  held: boolean;
  children: ReactNode;
}) {
  const move = useMoveTask();
  const { setNodeRef, listeners, transform, transition, isDragging } = useSortable({
    id: rowId,
    disabled: held,
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of what is inside, and a finger held on it
    <div
      ref={setNodeRef}
      className={`touch-manipulation pointer-coarse:select-none ${isDragging ? "relative z-10 rounded-xl opacity-90 shadow-lg" : ""}`}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      onTouchStart={held ? undefined : (listeners?.onTouchStart as TouchEventHandler | undefined)}
      onKeyDown={(event) => {
        if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        move?.(rowId, event.key === "ArrowUp" ? "up" : "down");
      }}
    >
      <DragListeners value={held ? undefined : listeners}>{children}</DragListeners>
    </div>
  );
}

/** What a mouse drags a row by; keys and fingers have ways of their own. */
export function DragHandle() {
  const listeners = useContext(DragListeners);
  if (!listeners) return null;
  return (
    <span
      aria-hidden="true"
      data-testid="task-drag"
      className="absolute inset-y-0 -start-4 z-10 flex w-5 cursor-grab touch-none items-center justify-center text-ink-muted opacity-0 group-hover:opacity-100 active:cursor-grabbing pointer-coarse:hidden"
      onMouseDown={listeners.onMouseDown as MouseEventHandler | undefined}
    >
      <GripVertical className="size-4" />
    </span>
  );
}
