"use client";

import { type ComponentType, type RefObject, useEffect, useState } from "react";
import type { ComposerHandle } from "@/components/chat/composer";
import { chatPath, goTo } from "@/lib/navigation";
import { hasSingleKeys } from "@/lib/single-keys";
import { useApp } from "./app-provider";

const OPEN = "shortcuts:open";

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
  const [Sheet, setSheet] = useState<ComponentType<{ onClose: () => void }> | null>(null);

  useEffect(() => {
    let prefix = false;
    // Few ask for it, so nobody waits for it before the page is there.
    const open = (): void => {
      import("./shortcut-sheet").then(
        ({ ShortcutSheet }) => setSheet(() => ShortcutSheet),
        () => undefined,
      );
    };
    const write = (): void => {
      goTo(chatPath(chat.active.id));
      setTimeout(() => composer.current?.focus());
    };
    const single: Record<string, () => void> = {
      "?": open,
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
      const dialog = document.querySelector("dialog[open]");
      // The menu has the messages in it while it is open.
      if (dialog && !dialog.querySelector('[data-testid="toast"]')) return;
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
      if (dialog || mod || event.altKey) return;
      // Delete is no character, which somebody might say or write by mistake.
      if (event.key !== "Delete" && !hasSingleKeys()) return;
      const run = prefix ? afterG[event.key] : single[event.key];
      prefix = !prefix && event.key === "g";
      if (!run) return;
      event.preventDefault();
      run();
    };
    document.addEventListener("keydown", onKeyDown);
    window.addEventListener(OPEN, open);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      window.removeEventListener(OPEN, open);
    };
  }, [chat, composer, onNewChat, toasts]);

  return Sheet ? <Sheet onClose={() => setSheet(null)} /> : null;
}
