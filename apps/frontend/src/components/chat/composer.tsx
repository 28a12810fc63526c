"use client";

import { ArrowUp, Square } from "lucide-react";
import {
  type FormEvent,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { isFocusLost } from "@/components/ui/focus";
import type { Conversation } from "@/lib/chat/conversation";
import { useSelected } from "@/lib/use-observable";

/** Longest message the back end takes, in characters. */
export const MAX_MESSAGE_LENGTH = 8_000;
/** From here on one is told how much room is left. */
const COUNTED_FROM = 7_000;

/** What others may do with the composer. */
export interface ComposerHandle {
  focus(): void;
  /** Puts a text into it, to be changed and sent. */
  fill(text: string): void;
}

/** Whether a finger is what one points with: a keyboard that opens by itself would be in the way. */
export function hasFinePointer(): boolean {
  return window.matchMedia("(pointer: fine)").matches;
}

/** Where one writes. What is typed is kept over reloads, from before this code runs on. */
export function Composer({
  conversation,
  handle,
}: {
  conversation: Conversation;
  handle: Ref<ComposerHandle>;
}) {
  const { chat, drafts, toasts } = useApp();
  const input = useRef<HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [length, setLength] = useState(0);
  const run = useSelected(conversation, (state) => state.run);
  const ready = useSelected(conversation, (state) => state.load === "ready");
  const busy = run === "running" || run === "stopping";

  const fitHeight = (): void => {
    const element = input.current;
    if (!element) return;
    setLength(element.value.length);
    if (CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  };
  const fill = (text: string): void => {
    drafts.save(text);
    if (!input.current) return;
    input.current.value = text;
    fitHeight();
  };

  useImperativeHandle(handle, () => ({
    focus: () => input.current?.focus(),
    fill: (text) => {
      const before = input.current?.value ?? "";
      fill(text);
      input.current?.focus();
      if (!before.trim() || before === text) return;
      const action = { label: "Undo", run: () => fill(before) };
      toasts.show({ message: "What you were writing was replaced.", action });
    },
  }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page comes to life
  useEffect(() => {
    if (!input.current) return;
    const typed = input.current.value;
    if (typed) drafts.save(typed);
    else fill(drafts.load());
    fitHeight();
    if (hasFinePointer() && isFocusLost()) input.current.focus();
  }, []);

  // The button that had the focus has become another one.
  useEffect(() => {
    if (document.activeElement === button.current && !busy) input.current?.focus();
  }, [busy]);

  const send = (): void => {
    const text = input.current?.value.trim() ?? "";
    if (!text || run !== "idle" || !ready) return;
    fill("");
    void chat.send(text);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) void conversation.stop();
    else send();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      // While an answer is under way it does nothing, rather than break the line.
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && busy) void conversation.stop();
  };

  return (
    <form
      onSubmit={onSubmit}
      className="mx-auto w-full max-w-3xl shrink-0 px-3 pb-3 sm:px-6 sm:pb-4 print:hidden"
    >
      <div className="flex items-end gap-2 rounded-2xl border border-line-strong bg-surface p-1.5 shadow-card focus-within:border-accent has-[textarea[data-ring]:focus]:outline-2 has-[textarea[data-ring]:focus]:-outline-offset-1 has-[textarea[data-ring]:focus]:outline-accent forced-colors:has-[textarea:focus]:outline-2">
        <textarea
          ref={input}
          rows={1}
          dir="auto"
          maxLength={MAX_MESSAGE_LENGTH}
          enterKeyHint="send"
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder="Add, change or ask…"
          data-testid="chat-input"
          className="scroll-quiet field-sizing-content max-h-48 min-h-11 flex-1 resize-none bg-transparent px-2.5 py-2.5 text-base leading-6 outline-none"
          onInput={() => {
            drafts.save(input.current?.value ?? "");
            fitHeight();
          }}
          onKeyDown={onKeyDown}
          // It has the focus most of the time, so the ring is for those who came to it by the keyboard.
          onKeyUp={({ key, currentTarget }) => {
            if (key === "Tab") currentTarget.dataset.ring = "";
          }}
          onBlur={({ currentTarget }) => {
            delete currentTarget.dataset.ring;
          }}
        />
        <Button
          ref={button}
          type="submit"
          size="icon"
          className="size-11!"
          aria-label={busy ? "Stop" : "Send"}
          title={busy ? "Stop (Esc)" : "Send (Enter)"}
          aria-disabled={busy ? run === "stopping" : length === 0 || run !== "idle" || !ready}
          data-testid={busy ? "chat-stop" : "chat-send"}
        >
          {busy ? (
            <Square className="size-4 fill-current" aria-hidden="true" />
          ) : (
            <ArrowUp className="size-5" aria-hidden="true" />
          )}
        </Button>
      </div>
      <p
        id="composer-hint"
        className="flex justify-between gap-3 px-2 pt-1 text-xs text-ink-muted max-sm:sr-only"
      >
        <span>Enter sends, Shift+Enter begins a new line.</span>
        {length >= COUNTED_FROM ? (
          <span aria-live="polite">{MAX_MESSAGE_LENGTH - length} characters left</span>
        ) : null}
      </p>
    </form>
  );
}
