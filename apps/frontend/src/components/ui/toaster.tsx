"use client";

import { X } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import type { ToastStore } from "@/lib/toasts";
import { useObservable } from "@/lib/use-observable";
import { isFocusLost } from "./focus";

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
      className="pointer-events-none fixed inset-x-0 bottom-36 z-40 flex flex-col items-center gap-2 px-4 md:bottom-24"
    >
      {shown.map((toast) => (
        // Reading or reaching for the action stops the clock.
        // biome-ignore lint/a11y/noStaticElementInteractions: only pauses a timer
        <div
          key={toast.id}
          data-testid="toast"
          onMouseEnter={() => toasts.pause(toast.id)}
          onMouseLeave={({ currentTarget }) => {
            if (!currentTarget.contains(document.activeElement)) toasts.resume(toast.id);
          }}
          onFocus={() => toasts.pause(toast.id)}
          onBlur={({ currentTarget, relatedTarget }) => {
            if (!currentTarget.contains(relatedTarget)) toasts.resume(toast.id);
          }}
          className={`pointer-events-auto flex max-w-full animate-appear items-center gap-3 rounded-xl py-2 pr-2 pl-4 text-sm shadow-pop ${
            toast.tone === "danger" ? "bg-danger-soft text-danger" : "bg-ink text-canvas"
          }`}
        >
          <span dir="auto" className="line-clamp-2 min-w-0 break-words">
            {toast.message}
          </span>
          {toast.action ? (
            <button
              type="button"
              data-testid="toast-action"
              aria-keyshortcuts="Control+Z Meta+Z"
              title="Ctrl+Z"
              className="min-h-8 shrink-0 rounded-lg px-2 font-semibold pointer-coarse:min-h-11 underline underline-offset-2"
              onClick={() => toasts.act(toast.id)}
            >
              {toast.action.label}
            </button>
          ) : null}
          <button
            type="button"
            aria-label="Dismiss"
            className="grid size-8 shrink-0 place-items-center rounded-lg pointer-coarse:size-11"
            onClick={() => toasts.dismiss(toast.id)}
          >
            <X className="size-4" aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
