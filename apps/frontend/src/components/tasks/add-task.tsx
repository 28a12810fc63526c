"use client";

import { CalendarDays, Flag, Plus } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { inputStyle, RoomLeft } from "@/components/ui/field";
import type { ParsedTask } from "@/lib/tasks/client";
import { describeDueDate, MAX_TITLE_LENGTH, type NewTask } from "@/lib/tasks/types";
import { useToday } from "@/lib/use-today";

/** Names what is typed and not added yet among the drafts. */
const DRAFT = "new-task";
/** How long one has to pause before what was typed is looked at, in milliseconds. */
const PAUSE_MS = 250;
/** How long adding waits for what was typed to be understood, in milliseconds. */
const PATIENCE_MS = 700;

/**
 * Adds a task from one line, such as "call Sam tomorrow p1". The back end reads dates and priorities, by
 * the same grammar as the assistant; where it can't be asked, the line is the title.
 */
export function AddTask({
  input,
  onAdd,
}: {
  input: RefObject<HTMLInputElement | null>;
  onAdd: (task: NewTask) => void;
}) {
  const { taskClient, drafts } = useApp();
  const [text, setText] = useState("");
  const [read, setRead] = useState<{ text: string; task: ParsedTask } | null>(null);
  /** A line that is to be the title as it stands. */
  const [literal, setLiteral] = useState<string | null>(null);
  /** How far the field has scrolled, in pixels. */
  const [scrolled, setScrolled] = useState(0);
  const latest = useRef("");
  /** Lines are added in the order in which they were entered, whichever is read first. */
  const entered = useRef<Promise<void>>(Promise.resolve());
  const today = useToday();
  const trimmed = text.trim();

  const type = (line: string): void => {
    setText(line);
    drafts.save(line, DRAFT);
  };
  // What was half written when one left is there again; the field may have been typed into before this runs.
  useEffect(() => setText(input.current?.value || drafts.load(DRAFT)), [input, drafts]);

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

  const hints = read?.text === trimmed && trimmed !== literal ? read.task : null;

  const add = async (): Promise<void> => {
    if (!trimmed) return;
    type("");
    // The button, which may have been pressed, is of no use until there is something typed again.
    input.current?.focus();
    const reading = trimmed === literal ? null : (hints ?? parse(trimmed));
    const before = entered.current;
    entered.current = (async () => {
      await before;
      const parsed = await reading;
      onAdd(parsed ? fieldsOf(parsed) : { title: trimmed });
    })();
  };

  const parse = (line: string): Promise<ParsedTask | null> => {
    if (!line.includes(" ")) return Promise.resolve(null);
    return Promise.race([taskClient.parse(line).catch(() => null), patienceEnds()]);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="flex gap-2">
        <div className="relative min-w-0 flex-1 rounded-xl bg-surface">
          {hints ? <Marks text={text} task={hints} scrolled={scrolled} /> : null}
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
            className={`${inputStyle} relative bg-transparent!`}
            value={text}
            onChange={(event) => type(event.target.value)}
            onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollLeft)}
          />
        </div>
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
      <RoomLeft length={text.length} most={MAX_TITLE_LENGTH} />
      <div
        id="task-add-hint"
        aria-live="polite"
        data-testid="task-add-hint"
        className="flex flex-wrap items-center gap-x-3 px-1 text-xs text-ink-muted empty:hidden"
      >
        {hints ? (
          <Understood
            task={hints}
            today={today}
            onLeave={() => {
              setLiteral(trimmed);
              input.current?.focus();
            }}
          />
        ) : null}
      </div>
    </form>
  );
}

/** Waits as long as adding may: until the page is left at the latest, when what was entered must be kept. */
function patienceEnds(): Promise<null> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = (): void => {
      over.abort();
      clearTimeout(timer);
      resolve(null);
    };
    const timer = setTimeout(end, PATIENCE_MS);
    window.addEventListener("pagehide", end, { signal: over.signal });
    // Phones end a page that they have hidden without another word.
    document.addEventListener("visibilitychange", end, { signal: over.signal });
  });
}

/** Marks the words of a line that were understood, behind the field that it is typed into. */
function Marks({ text, task, scrolled }: { text: string; task: ParsedTask; scrolled: number }) {
  const before = text.length - text.trimStart().length;
  const pieces: { start: number; text: string; marked: boolean }[] = [];
  let end = 0;
  for (const words of task.understood) {
    const start = Math.max(words.start + before, end);
    pieces.push({ start: end, text: text.slice(end, start), marked: false });
    end = Math.max(words.end + before, start);
    pieces.push({ start, text: text.slice(start, end), marked: true });
  }
  pieces.push({ start: end, text: text.slice(end), marked: false });
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute inset-px flex items-center overflow-hidden rounded-xl px-3.5 text-base text-transparent forced-colors:hidden"
    >
      <span
        dir="auto"
        data-testid="task-add-marks"
        className="min-w-full shrink-0 whitespace-pre"
        style={{ transform: `translateX(${-scrolled}px)` }}
      >
        {pieces.map((piece) =>
          piece.marked ? (
            <mark
              key={`mark ${piece.start}`}
              className="rounded-sm bg-accent-soft text-transparent ring-2 ring-accent-soft"
            >
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </span>
    </div>
  );
}

/** What a new task has of what was read. */
function fieldsOf({ title, due_date, priority }: ParsedTask): NewTask {
  return { title, due_date, priority };
}

/** What was read out of a line, and the way to have it as it stands. */
function Understood({
  task: { title, due_date, priority },
  today,
  onLeave,
}: {
  task: ParsedTask;
  today: string | null;
  onLeave: () => void;
}) {
  if (due_date === null && priority === "medium") return null;
  return (
    <>
      <span dir="auto" className="max-w-full truncate py-1.5 font-medium text-ink">
        {title}
      </span>
      {due_date ? (
        <span className="inline-flex items-center gap-1">
          <CalendarDays className="size-3.5" aria-hidden="true" />
          {describeDueDate(due_date, today).text}
        </span>
      ) : null}
      {priority === "medium" ? null : (
        <span className="inline-flex items-center gap-1">
          <Flag className="size-3.5" aria-hidden="true" />
          {priority === "high" ? "High priority" : "Low priority"}
        </span>
      )}
      <button
        type="button"
        data-testid="task-add-literal"
        className="min-h-8 rounded-lg px-1 underline underline-offset-2 hover:text-ink pointer-coarse:min-h-11"
        onClick={onLeave}
      >
        Keep it as typed
      </button>
    </>
  );
}
