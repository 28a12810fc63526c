"use client";

import { GripVertical } from "lucide-react";
import {
  createContext,
  type ReactNode,
  type RefObject,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useApp } from "@/components/shell/app-provider";
import { positionAt } from "@/lib/tasks/position";
import type { ListedTask } from "@/lib/tasks/types";

/** Names the rows that can be dragged. */
const MOVABLE = "data-movable";

export const MOVES = ["top", "up", "down", "bottom"] as const;
export type Move = (typeof MOVES)[number];

interface Mover {
  /** Moves the task of a row by a step. */
  move(rowId: string, by: Move): void;
  /** Has a row follow the mouse or the finger that has come down on it. */
  grab(row: HTMLElement, event: PointerEvent | TouchEvent): void;
}

/** Null where the order isn't the one made by hand. */
const MoveTasks = createContext<Mover | null>(null);

/** Whether what is inside is a row that can be dragged. */
const Draggable = createContext(false);

const rowIdOf = (task: ListedTask): string => task.rowId ?? task.id;

/** What moves the task of a row by a step; null where it can't be moved. */
export function useMoveTask(): Mover["move"] | null {
  return useContext(MoveTasks)?.move ?? null;
}

/**
 * Has the rows of open tasks be put into another order: with the mouse by their handle, with a finger
 * that is held on them, with Alt and the arrow keys, and by what the editor offers.
 */
export function MovableTasks({
  tasks,
  scroller,
  onHold,
  children,
}: {
  /** The open tasks in the order made by hand, as far as they are shown. */
  tasks: readonly ListedTask[];
  scroller: RefObject<HTMLElement | null>;
  /** Hears which row is being dragged, which has to stay in the page. */
  onHold: (rowId: string | null) => void;
  children: ReactNode;
}) {
  const { tasks: store } = useApp();
  const [said, setSaid] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const giveUp = useRef<() => void>(undefined);
  const drag = useRef<typeof import("./drag")>(undefined);
  useEffect(() => () => giveUp.current?.(), []);
  // The page needn't wait for it: a mouse comes near before it drags, and a finger may come at any time.
  const load = useCallback(async () => {
    drag.current = await import("./drag").catch(() => undefined);
  }, []);
  useEffect(() => {
    if (window.matchMedia("(pointer: coarse)").matches) void load();
  }, [load]);

  const mover = useMemo((): Mover => {
    const ids = tasks.map(rowIdOf);
    const put = (from: number, to: number): void => {
      const task = tasks[from];
      if (!task) return;
      const place = Math.min(Math.max(to, 0), tasks.length - 1);
      setSaid(`“${task.title}” is ${place + 1} of ${tasks.length}.`);
      if (place === from || task.gone) return;
      if (task.unsaved === "saving" || task.unsaved === "failed") return;
      void store.edit(task.id, { position: positionAt(tasks.toSpliced(from, 1), place) });
    };
    return {
      move(rowId, by) {
        const from = ids.indexOf(rowId);
        const to = { top: 0, up: from - 1, down: from + 1, bottom: ids.length }[by];
        put(from, to);
      },
      grab(row, event) {
        giveUp.current?.();
        const begin = (ended?: MouseEvent): void => {
          if (!list.current || !scroller.current || !drag.current) return;
          const parts = { list: list.current, scroller: scroller.current, ids, onHold, ended };
          giveUp.current = drag.current.startDrag(row, event, { ...parts, onDrop: put });
        };
        if (drag.current) return begin();
        // On a slow line it may come while the row is held already, or when the mouse has let go of it.
        const over = new AbortController();
        const { signal } = over;
        let ended: MouseEvent | undefined;
        giveUp.current = () => over.abort();
        for (const type of ["touchend", "pointercancel"])
          document.addEventListener(type, () => over.abort(), { signal });
        document.addEventListener("pointerup", (up) => (ended ??= up), { signal });
        void load().then(() => {
          if (signal.aborted) return;
          over.abort();
          begin(ended);
        });
      },
    };
  }, [tasks, store, scroller, onHold, load]);

  return (
    <MoveTasks value={mover}>
      <div ref={list} onPointerEnter={() => void load()}>
        {children}
      </div>
      <p role="status" className="sr-only" data-testid="task-moved">
        {said}
      </p>
    </MoveTasks>
  );
}

/** A row that can be moved. */
export function MovableRow({
  rowId,
  held,
  children,
}: {
  rowId: string;
  /** It isn't dragged, as it is being edited. */
  held: boolean;
  children: ReactNode;
}) {
  const mover = useContext(MoveTasks);
  return (
    // No transition: where a row is counts at once, and less motion makes a short one of everything.
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of what is inside, and a finger held on it
    <div
      {...{ [MOVABLE]: rowId }}
      className="touch-manipulation rounded-xl transition-none data-dragging:relative data-dragging:z-10 data-dragging:opacity-90 data-dragging:shadow-lg pointer-coarse:select-none"
      onTouchStart={({ currentTarget, nativeEvent }) => {
        if (!held && nativeEvent.touches.length === 1) mover?.grab(currentTarget, nativeEvent);
      }}
      onKeyDown={(event) => {
        if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        mover?.move(rowId, event.key === "ArrowUp" ? "up" : "down");
      }}
    >
      <Draggable value={!held}>{children}</Draggable>
    </div>
  );
}

/** What a mouse drags a row by; keys and fingers have ways of their own. */
export function DragHandle() {
  const mover = useContext(MoveTasks);
  if (!useContext(Draggable) || !mover) return null;
  return (
    <span
      aria-hidden="true"
      data-testid="task-drag"
      className="absolute inset-y-0 -start-4 z-10 flex w-5 cursor-grab touch-none items-center justify-center text-ink-muted opacity-0 group-hover:opacity-100 active:cursor-grabbing pointer-coarse:hidden"
      onPointerDown={(event) => {
        const row = event.currentTarget.closest<HTMLElement>(`[${MOVABLE}]`);
        if (!row || event.button !== 0 || event.pointerType === "touch") return;
        event.preventDefault();
        mover.grab(row, event.nativeEvent);
      }}
    >
      <GripVertical className="size-4" />
    </span>
  );
}
