"use client";

import { type KeyboardEvent, useId, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useSelected } from "@/lib/use-observable";
import { MAX_MESSAGE_LENGTH } from "./composer";

/** Changes a message where it stands. */
export function MessageEditor({
  messageId,
  text,
  onSent,
  onClose,
}: {
  messageId: string;
  text: string;
  /** It is on its way, and takes the place of this. */
  onSent: () => void;
  /** Nothing was sent. */
  onClose: () => void;
}) {
  const { chat, toasts } = useApp();
  const [value, setValue] = useState(text);
  const hintId = useId();
  const busy = useSelected(chat.active, ({ run }) => run !== "idle");
  const unfit = busy || value.trim() === "";

  const send = (): void => {
    if (unfit) return;
    const undo = chat.edit(messageId, value.trim());
    if (!undo) return;
    onSent();
    toasts.show({
      message: "Your message was changed",
      action: { label: "Undo", run: () => void undo() },
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") onClose();
  };

  return (
    <form
      data-testid="message-editor"
      className="w-full rounded-2xl border border-line-strong bg-surface p-2 has-[textarea:focus]:border-accent has-[textarea:focus]:outline-2 has-[textarea:focus]:-outline-offset-1 has-[textarea:focus]:outline-accent"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it replaces the button that was just pressed
        autoFocus
        dir="auto"
        rows={2}
        maxLength={MAX_MESSAGE_LENGTH}
        aria-label="Your message"
        aria-describedby={hintId}
        data-testid="message-edit-input"
        className="scroll-quiet field-sizing-content max-h-64 w-full resize-none bg-transparent px-2 py-1.5 text-base leading-6 outline-none"
        value={value}
        onChange={({ target }) => setValue(target.value)}
        onFocus={({ currentTarget }) => currentTarget.setSelectionRange(text.length, text.length)}
        onKeyDown={onKeyDown}
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p id={hintId} className="min-w-0 flex-1 basis-52 px-2 text-xs text-ink-muted">
          What follows is replaced. What was done with your tasks stays done.
        </p>
        <Button variant="secondary" size="sm" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" size="sm" aria-disabled={unfit} data-testid="message-edit-send">
          Send
        </Button>
      </div>
    </form>
  );
}
