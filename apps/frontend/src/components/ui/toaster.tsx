"use client";

import { ChevronDown, X } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Toast, ToastStore } from "@/lib/toasts";
import { useObservable } from "@/lib/use-observable";
import { isFocusLost } from "./focus";

const ICON_BUTTON =
  "grid size-8 shrink-0 place-items-center rounded-lg focus-visible:outline-current pointer-coarse:size-11";
const TEXT_BUTTON =
  "min-h-8 shrink-0 rounded-lg px-2 font-semibold underline underline-offset-2 focus-visible:outline-current " +
  "focus-visible:-outline-offset-2 pointer-coarse:min-h-11";

export function Toaster({ toasts }: { toasts: ToastStore }) {
  const shown = useObservable(toasts);
  const focused = useRef(false);
  /** What had the focus before a message got it. */
  const before = useRef<Element | null>(null);

  // The focus of a message that has gone returns to where it came from.
  useLayoutEffect(() => {
    if (!focused.current || !isFocusLost()) return;
    focused.current = false;
    const back = before.current?.isConnected ? before.current : document.getElementById("main");
    if (back instanceof HTMLElement) back.focus();
  });

  return (
    <div
      role="status"
      aria-live="polite"
      onFocus={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) before.current = relatedTarget;
        focused.current = true;
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        focused.current = currentTarget.contains(relatedTarget);
      }}
      // Above what one writes in, not over it.
      className="pointer-events-none fixed inset-x-0 bottom-36 z-40 flex flex-col items-center gap-2 px-4 md:bottom-24 print:hidden"
    >
      {shown.map((toast) => (
        <ToastView key={toast.id} toast={toast} toasts={toasts} />
      ))}
    </div>
  );
}

function ToastView({ toast, toasts }: { toast: Toast; toasts: ToastStore }) {
  const { id, message, tone, action, parts } = toast;
  const card = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState(false);
  const listId = useId();
  const many = parts.length > 1;
  // It may move into the menu that opens: whoever was reading it isn't any more.
  useEffect(() => () => toasts.resume(id), [toasts, id]);

  const takeBack = (partId: number): void => {
    toasts.actOn(id, partId);
    // What had the focus goes; the rest of the message is where one goes on.
    card.current?.querySelector<HTMLElement>("button")?.focus();
  };

  return (
    // Reading or reaching for the action stops the clock.
    // biome-ignore lint/a11y/noStaticElementInteractions: only pauses a timer, and hears Escape for what is in it
    <div
      ref={card}
      data-testid="toast"
      onMouseEnter={() => toasts.pause(id)}
      onMouseLeave={({ currentTarget }) => {
        if (!currentTarget.contains(document.activeElement)) toasts.resume(id);
      }}
      onFocus={() => toasts.pause(id)}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) toasts.resume(id);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // The menu around it stays.
        event.preventDefault();
        toasts.dismiss(id);
      }}
      // A border that isn't seen is drawn where the system chooses the colours.
      className={`pointer-events-auto max-w-[min(100%,36rem)] animate-appear rounded-xl border border-transparent py-2 ps-4 pe-2 text-sm shadow-pop ${
        tone === "danger" ? "bg-danger-soft text-danger" : "bg-ink text-canvas"
      }`}
    >
      <div className="flex items-center gap-1">
        <span dir="auto" className="line-clamp-2 min-w-0 flex-1 pe-2 break-words">
          {message}
        </span>
        {action ? (
          <button
            type="button"
            data-testid="toast-action"
            aria-keyshortcuts={many ? undefined : "Control+Z Meta+Z"}
            title={many ? undefined : "Ctrl+Z"}
            className={TEXT_BUTTON}
            onClick={() => toasts.act(id)}
          >
            {many ? `${action.label} all` : action.label}
          </button>
        ) : null}
        {many ? (
          <button
            type="button"
            aria-label="Show each"
            aria-expanded={unfolded}
            aria-controls={listId}
            data-testid="toast-unfold"
            className={ICON_BUTTON}
            onClick={() => setUnfolded(!unfolded)}
          >
            <ChevronDown className={`size-4 ${unfolded ? "" : "rotate-180"}`} aria-hidden="true" />
          </button>
        ) : null}
        <button
          type="button"
          aria-label="Dismiss"
          className={ICON_BUTTON}
          onClick={() => toasts.dismiss(id)}
        >
          <X className="size-4" aria-hidden="true" />
        </button>
      </div>
      {many && unfolded ? (
        <ul id={listId} className="scroll-quiet mt-1 max-h-40 overflow-y-auto" aria-live="off">
          {parts.toReversed().map((part) => (
            <li key={part.id} data-testid="toast-part" className="flex items-center gap-2">
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {part.subject}
              </span>
              <button
                type="button"
                aria-label={`${action?.label} “${part.subject}”`}
                className={TEXT_BUTTON}
                onClick={() => takeBack(part.id)}
              >
                {action?.label}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
