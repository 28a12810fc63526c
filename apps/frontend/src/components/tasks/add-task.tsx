"use client";

import { CalendarDays, Flag, Plus } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { inputStyle } from "@/components/ui/field";
import type { ParsedTask } from "@/lib/tasks/client";
import { describeDueDate, MAX_TITLE_LENGTH } from "@/lib/tasks/types";
import { useToday } from "@/lib/use-today";

/** How long one has to pause before what was typed is looked at, in milliseconds. */
const PAUSE_MS = 250;
/** How long adding waits for what was typed to be understood, in milliseconds. */
const PATIENCE_MS = 700;

/**
 * Adds a task from one line, such as "call Sam tomorrow p1". The back end reads dates and priorities, by
 * the same grammar as the assistant; where it can't be asked, the line is the title.
 */
export function AddTask({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { tasks: store, taskClient } = useApp();
  const [text, setText] = useState("");
  const [read, setRead] = useState<{ text: string; task: ParsedTask } | null>(null);
  const latest = useRef("");
  const today = useToday();
  const trimmed = text.trim();

  useEffect(() => {
    latest.current = trimmed;
    if (!trimmed.includes(" ")) return;
    const timer = setTimeout(() => {
      taskClient.parse(trimmed).then(
        (task) => latest.current === trimmed && setRead({ text: trimmed, task }),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [trimmed, taskClient]);

  const add = async (): Promise<void> => {
    if (!trimmed) return;
    setText("");
    // The button, which may have been pressed, is of no use until there is something typed again.
    input.current?.focus();
    const known = read?.text === trimmed ? read.task : null;
    const parsed = known ?? (await parse(trimmed));
    void store.add(parsed ?? { title: trimmed });
  };

  const parse = (line: string): Promise<ParsedTask | null> => {
    if (!line.includes(" ")) return Promise.resolve(null);
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    return Promise.race([taskClient.parse(line).catch(() => null), late]);
  };

  const hints = read?.text === trimmed ? read.task : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="flex gap-2">
        <input
          ref={input}
          dir="auto"
          aria-label="New task"
          placeholder="Add a task"
          aria-describedby="task-add-hint"
          data-testid="task-add-input"
          maxLength={MAX_TITLE_LENGTH}
          enterKeyHint="done"
          autoComplete="off"
          className={inputStyle}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          className="px-3!"
          aria-label="Add task"
          data-testid="task-add-submit"
          disabled={!trimmed}
        >
          <Plus className="size-5" aria-hidden="true" />
        </Button>
      </div>
      <p
        id="task-add-hint"
        aria-live="polite"
        data-testid="task-add-hint"
        className="flex flex-wrap gap-x-3 px-1 pt-1 text-xs text-ink-muted empty:hidden"
      >
        {hints?.due_date && today ? (
          <span className="inline-flex items-center gap-1">
            <CalendarDays className="size-3.5" aria-hidden="true" />
            {describeDueDate(hints.due_date, today).text}
          </span>
        ) : null}
        {hints && hints.priority !== "medium" ? (
          <span className="inline-flex items-center gap-1">
            <Flag className="size-3.5" aria-hidden="true" />
            {hints.priority === "high" ? "High priority" : "Low priority"}
          </span>
        ) : null}
      </p>
    </form>
  );
}
