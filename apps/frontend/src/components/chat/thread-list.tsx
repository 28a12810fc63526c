"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { useReturnFocus, useRowFocus } from "@/components/ui/focus";
import type { ThreadMetadata } from "@/lib/chat/protocol";
import { useObservable } from "@/lib/use-observable";

const UNTITLED = "New conversation";

function RenameForm({
  thread,
  onClose,
  onReturn,
}: {
  thread: ThreadMetadata;
  onClose: () => void;
  /** It closes by the keyboard, so nothing else has taken the focus. */
  onReturn: () => void;
}) {
  const { chat } = useApp();
  const [title, setTitle] = useState(thread.title ?? "");
  const save = (): void => {
    const trimmed = title.trim();
    if (trimmed && trimmed !== thread.title) void chat.rename(thread.id, trimmed);
    onClose();
  };
  return (
    <form
      className="flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        save();
        onReturn();
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: it replaces the button that was just pressed
        autoFocus
        aria-label="Conversation title"
        data-testid="thread-title-input"
        className="min-h-9 w-full rounded-lg border border-line-strong bg-surface px-2 text-sm"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
          // Else the browser closes the dialog around it, where there is one.
          event.preventDefault();
          onClose();
          onReturn();
        }}
      />
    </form>
  );
}

function ThreadRow({
  thread,
  current,
  onOpen,
  onDelete,
}: {
  thread: ThreadMetadata;
  current: boolean;
  onOpen: () => void;
  onDelete: () => void;
}) {
  const [renaming, setRenaming] = useState(false);
  const [renameButton, returnFocus] = useReturnFocus<HTMLButtonElement>();
  const title = thread.title ?? UNTITLED;
  if (renaming) {
    return (
      <li className="flex" data-row={thread.id}>
        <RenameForm thread={thread} onClose={() => setRenaming(false)} onReturn={returnFocus} />
      </li>
    );
  }
  return (
    <li
      data-testid="thread-item"
      data-row={thread.id}
      className={`group flex items-center rounded-xl ${current ? "bg-accent-soft text-on-accent-soft" : "hover:bg-raised"}`}
    >
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        title={title}
        className="min-h-9 min-w-0 flex-1 truncate rounded-xl px-3 text-left text-sm"
        onClick={onOpen}
      >
        {title}
      </button>
      <div
        className={`flex shrink-0 pr-1 focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100 ${current ? "" : "opacity-0"}`}
      >
        <Button
          ref={renameButton}
          variant="ghost"
          size="icon"
          className="size-7! rounded-lg! text-current!"
          aria-label={`Rename “${title}”`}
          data-testid="thread-rename"
          onClick={() => setRenaming(true)}
        >
          <Pencil className="size-3.5" aria-hidden="true" />
        </Button>
        <Button
          variant="ghost"
          size="icon"
          className="size-7! rounded-lg! text-current!"
          aria-label={`Delete “${title}”`}
          data-testid="thread-delete"
          onClick={onDelete}
        >
          <Trash2 className="size-3.5" aria-hidden="true" />
        </Button>
      </div>
    </li>
  );
}

/** The person's conversations, the newest first. */
export function ThreadList({ onOpen }: { onOpen: (threadId: string | null) => void }) {
  const { chat } = useApp();
  const { threads, threadsLoad, hasMoreThreads, activeId } = useObservable(chat);
  const [deleting, setDeleting] = useState<ThreadMetadata | null>(null);
  const section = useRef<HTMLElement>(null);
  const rowFocus = useRowFocus(section);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Conversations"
      className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-3 pb-3"
    >
      <h2 className="px-3 pb-1.5 text-xs font-semibold text-ink-muted">Conversations</h2>
      {threadsLoad === "loading" ? (
        <div className="space-y-2 px-3 pt-1" aria-hidden="true">
          {["w-4/5", "w-3/5", "w-2/3"].map((width) => (
            <div key={width} className={`h-4 animate-breathe rounded bg-line ${width}`} />
          ))}
        </div>
      ) : null}
      {threadsLoad === "error" ? (
        <div className="px-3 text-sm text-ink-muted">
          <p>The conversations couldn’t be loaded.</p>
          <Button
            variant="secondary"
            size="sm"
            className="mt-2"
            onClick={() => void chat.loadThreads()}
          >
            Try again
          </Button>
        </div>
      ) : null}
      {threadsLoad === "ready" && threads.length === 0 ? (
        <p className="px-3 text-sm text-ink-muted">Your conversations will be listed here.</p>
      ) : null}
      <ul className="space-y-0.5" {...rowFocus.props}>
        {threads.map((thread) => (
          <ThreadRow
            key={thread.id}
            thread={thread}
            current={thread.id === activeId}
            onOpen={() => onOpen(thread.id)}
            onDelete={() => setDeleting(thread)}
          />
        ))}
      </ul>
      {hasMoreThreads ? (
        <Button
          variant="ghost"
          size="sm"
          className="mt-1 w-full"
          onClick={() => void chat.loadMoreThreads()}
        >
          Show older
        </Button>
      ) : null}
      {deleting ? (
        <ConfirmDialog
          title="Delete this conversation?"
          text={`“${deleting.title ?? UNTITLED}” will be gone for good. Your tasks stay.`}
          confirm="Delete"
          onConfirm={() => void chat.remove(deleting.id)}
          onClose={() => {
            rowFocus.hold(deleting.id);
            setDeleting(null);
          }}
        />
      ) : null}
    </section>
  );
}
