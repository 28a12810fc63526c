"use client";

import { X } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import type { ComposerHandle } from "@/components/chat/composer";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { chatPath, goTo } from "@/lib/navigation";
import { useApp } from "./app-provider";

const OPEN = "shortcuts:open";

/** What the sheet lists; `mod` is Ctrl, or Command on a Mac. */
const SHEET: readonly { keys: string; text: string }[] = [
  { keys: "?", text: "This list" },
  { keys: "n", text: "Add a task" },
  { keys: "/", text: "Search tasks" },
  { keys: "c", text: "Write to the assistant" },
  { keys: "Ctrl+Shift+O", text: "New chat" },
  { keys: "g then c", text: "Go to the chat" },
  { keys: "g then t", text: "Go to all tasks" },
  { keys: "Ctrl+Z", text: "Undo the last thing, as long as a message offers it" },
  { keys: "Alt+T", text: "Go to the newest message" },
  { keys: "j and k", text: "Next and previous task in the list" },
  { keys: "e", text: "Edit the task that has the focus" },
  { keys: "Alt+↑ and Alt+↓", text: "Move the task that has the focus, in “My order”" },
  { keys: "Delete", text: "Delete the task that has the focus" },
  { keys: "Esc", text: "Stop the answer, or close what is open" },
];

/** Opens the sheet with all shortcuts. */
export function openShortcutSheet(): void {
  window.dispatchEvent(new Event(OPEN));
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")
  );
}

function focus(testId: string): void {
  const fields = document.querySelectorAll<HTMLElement>(`[data-testid="${testId}"]`);
  // checkVisibility() isn't in Safari before 17.4.
  [...fields].find((field) => field.getClientRects().length > 0)?.focus();
}

/** Moves the focus by so many rows through the list of tasks. */
function moveInTasks(step: number): void {
  const boxes = [...document.querySelectorAll<HTMLElement>('[data-testid="task-toggle"]')];
  const row = document.activeElement?.closest("[data-row]");
  const index = boxes.findIndex((box) => row?.contains(box));
  boxes[index === -1 ? 0 : index + step]?.focus();
}

/** Goes to what the newest message offers. Tells whether there is a message. */
function focusToast(): boolean {
  const newest = [...document.querySelectorAll('[data-testid="toast"]')].at(-1);
  newest?.querySelector<HTMLElement>("button")?.focus();
  return newest !== undefined;
}

function pressInRow(testId: string): void {
  const row = document.activeElement?.closest('[data-testid="task-item"]');
  row?.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click();
}

/** The keyboard's short ways, which keep out of the way while one types. */
export function Shortcuts({
  onNewChat,
  composer,
}: {
  onNewChat: () => void;
  composer: RefObject<ComposerHandle | null>;
}) {
  const { chat, toasts } = useApp();
  const [sheet, setSheet] = useState(false);

  useEffect(() => {
    let prefix = false;
    const write = (): void => {
      goTo(chatPath(chat.active.id));
      setTimeout(() => composer.current?.focus());
    };
    const single: Record<string, () => void> = {
      "?": () => setSheet(true),
      n: () => focus("task-add-input"),
      "/": () => focus("task-search"),
      c: write,
      j: () => moveInTasks(1),
      k: () => moveInTasks(-1),
      e: () => pressInRow("task-edit"),
      Delete: () => pressInRow("task-delete"),
    };
    const afterG: Record<string, () => void> = { c: write, t: () => goTo("/tasks") };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const mod = event.ctrlKey || event.metaKey;
      if (mod && event.shiftKey && event.key.toLowerCase() === "o") {
        event.preventDefault();
        onNewChat();
        return;
      }
      if (document.querySelector("dialog[open]")) return;
      // By the place on the keyboard: with Option, a Mac's key writes another letter.
      if (event.altKey && !mod && event.code === "KeyT") {
        if (focusToast()) event.preventDefault();
        return;
      }
      if (isTyping(event.target)) return;
      if (mod && event.key.toLowerCase() === "z" && !event.shiftKey) {
        if (toasts.actOnNewest()) event.preventDefault();
        return;
      }
      if (mod || event.altKey) return;
      const run = prefix ? afterG[event.key] : single[event.key];
      prefix = !prefix && event.key === "g";
      if (!run) return;
      event.preventDefault();
      run();
    };
    const open = (): void => setSheet(true);
    document.addEventListener("keydown", onKeyDown);
    window.addEventListener(OPEN, open);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      window.removeEventListener(OPEN, open);
    };
  }, [chat, composer, onNewChat, toasts]);

  if (!sheet) return null;
  return (
    <Dialog
      label="Keyboard shortcuts"
      onClose={() => setSheet(false)}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-2xl border border-line bg-surface shadow-pop"
    >
      <div className="p-5" data-testid="shortcut-sheet">
        <div className="flex items-center justify-between">
          <h2 className="text-base font-semibold">Keyboard shortcuts</h2>
          <Button variant="ghost" size="icon" aria-label="Close" onClick={() => setSheet(false)}>
            <X className="size-5" aria-hidden="true" />
          </Button>
        </div>
        <dl className="mt-3 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2 text-sm">
          {SHEET.map(({ keys, text }) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="rounded-md border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs whitespace-nowrap">
                  {keys}
                </kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
