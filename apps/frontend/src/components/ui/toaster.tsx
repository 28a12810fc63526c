"use client";

import { X } from "lucide-react";
import type { ToastStore } from "@/lib/toasts";
import { useObservable } from "@/lib/use-observable";

export function Toaster({ toasts }: { toasts: ToastStore }) {
  const shown = useObservable(toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-40 flex flex-col items-center gap-2 px-4 md:bottom-6"
    >
      {shown.map((toast) => (
        // Reading or reaching for the action stops the clock.
        // biome-ignore lint/a11y/noStaticElementInteractions: only pauses a timer
        <div
          key={toast.id}
          data-testid="toast"
          onMouseEnter={() => toasts.pause(toast.id)}
          onMouseLeave={() => toasts.resume(toast.id)}
          onFocus={() => toasts.pause(toast.id)}
          onBlur={() => toasts.resume(toast.id)}
          className={`pointer-events-auto flex max-w-full animate-appear items-center gap-3 rounded-xl py-2 pr-2 pl-4 text-sm shadow-pop ${
            toast.tone === "danger" ? "bg-danger-soft text-danger" : "bg-ink text-canvas"
          }`}
        >
          <span className="min-w-0 break-words">{toast.message}</span>
          {toast.action ? (
            <button
              type="button"
              data-testid="toast-action"
              className="min-h-8 shrink-0 rounded-lg px-2 font-semibold underline underline-offset-2"
              onClick={() => {
                toast.action?.run();
                toasts.dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          ) : null}
          <button
            type="button"
            aria-label="Dismiss"
            className="grid size-8 shrink-0 place-items-center rounded-lg"
            onClick={() => toasts.dismiss(toast.id)}
          >
            <X className="size-4" aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
