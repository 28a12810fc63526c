"use client";

import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { RoomLeft } from "@/components/ui/field";
import { isFocusLost } from "@/components/ui/focus";
import { useSelected } from "@/lib/use-observable";
import { MAX_MESSAGE_LENGTH } from "./composer";

/** Names what a message is being changed to among the drafts. */
export function editDraft(messageId: string): string {
  return `edit/${messageId}`;
}

/** Changes a message where it stands. What is entered is kept until it is sent or discarded. */
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
  const { chat, drafts, toasts } = useApp();
  const draft = editDraft(messageId);
  const [value, setValue] = useState(() => drafts.load(draft) || text);
  const [asking, setAsking] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const busy = useSelected(chat.active, ({ run }) => run !== "idle");
  const unfit = busy || value.trim() === "";

  // It replaces the button that was just pressed; there again, it mustn't interrupt what one does elsewhere.
  useLayoutEffect(() => {
    if (isFocusLost()) input.current?.focus();
  }, []);

  const type = (entered: string): void => {
    setValue(entered);
    drafts.save(entered === text ? "" : entered, draft);
  };
  const close = (): void => {
    drafts.save("", draft);
    onClose();
  };
  /** Closes, unless there is something to lose. */
  const leave = (): void => {
    if (value.trim() === "" || value === text) close();
    else setAsking(true);
  };
  const send = (): void => {
    if (unfit) return;
    const undo = chat.edit(messageId, value.trim());
    if (!undo) return;
    drafts.save("", draft);
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
    if (event.key === "Escape") {
      // Else the question that it opens would be closed by it, too.
      event.preventDefault();
      leave();
    }
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
        ref={input}
        dir="auto"
        rows={2}
        maxLength={MAX_MESSAGE_LENGTH}
        aria-label="Your message"
        aria-describedby={hintId}
        data-testid="message-edit-input"
        className="scroll-quiet field-sizing-content max-h-64 w-full resize-none bg-transparent px-2 py-1.5 text-base leading-6 outline-none"
        value={value}
        onChange={({ target }) => type(target.value)}
        onFocus={({ currentTarget }) => currentTarget.setSelectionRange(value.length, value.length)}
        onKeyDown={onKeyDown}
      />
      <RoomLeft length={value.length} most={MAX_MESSAGE_LENGTH} />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p id={hintId} className="min-w-0 flex-1 basis-52 px-2 text-xs text-ink-muted">
          What follows is replaced. What was done with your tasks stays done.
        </p>
        <Button variant="secondary" size="sm" onClick={leave}>
          Cancel
        </Button>
        <Button type="submit" size="sm" aria-disabled={unfit} data-testid="message-edit-send">
          Send
        </Button>
      </div>
      {asking ? (
        <ConfirmDialog
          title="Discard your changes?"
          text="What you have entered isn’t sent."
          confirm="Discard"
          onConfirm={close}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </form>
  );
}
