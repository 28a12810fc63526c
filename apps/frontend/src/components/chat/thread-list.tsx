"use client";

import { LoaderCircle, Pencil, Trash2 } from "lucide-react";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useKeptFocus, useReturnFocus, useRowFocus } from "@/components/ui/focus";
import type { ThreadMetadata } from "@/lib/chat/protocol";
import { groupThreads, matches } from "@/lib/chat/thread-groups";
import { UNTITLED } from "@/lib/chat/thread-list";
import { useObservable, useSelected } from "@/lib/use-observable";
import { useToday } from "@/lib/use-today";

/** From so many conversations on one can search them. */
const SEARCHED_FROM = 8;

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
  const { threads, toasts } = useApp();
  const [title, setTitle] = useState(thread.title ?? "");
  const save = (): void => {
    const [before, after] = [thread.title, title.trim()];
    onClose();
    if (!after || after === before) return;
    threads.rename(thread.id, after);
    if (!before) return;
    toasts.show({
      message: `Renamed to “${after}”`,
      brief: true,
      action: { label: "Undo", run: () => threads.rename(thread.id, before) },
    });
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
        dir="auto"
        aria-label="Conversation title"
        data-testid="thread-title-input"
        className="min-h-9 w-full rounded-lg border border-line-strong bg-surface px-2 text-sm pointer-coarse:text-base"
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

const ThreadRow = memo(function ThreadRow({
  thread,
  current,
  onOpen,
  onDelete,
}: {
  thread: ThreadMetadata;
  current: boolean;
  onOpen: (threadId: string) => void;
  onDelete: (thread: ThreadMetadata) => void;
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
      className={`group relative flex items-center rounded-xl ${current ? "bg-accent-soft text-on-accent-soft" : "hover:bg-raised"}`}
    >
      <button
        type="button"
        dir="auto"
        aria-current={current ? "true" : undefined}
        title={title}
        className="min-h-9 min-w-0 flex-1 truncate rounded-xl px-3 text-start text-sm pointer-coarse:min-h-11 pointer-coarse:pe-24"
        onClick={() => onOpen(thread.id)}
      >
        {title}
      </button>
      <div className="row-actions absolute end-1 flex rounded-lg opacity-0 group-hover:opacity-100 focus-within:opacity-100 pointer-coarse:opacity-100">
        <Button
          ref={renameButton}
          variant="ghost"
          size="tiny"
          className="text-current!"
          aria-label={`Rename “${title}”`}
          data-testid="thread-rename"
          onClick={() => setRenaming(true)}
        >
          <Pencil className="size-3.5" aria-hidden="true" />
        </Button>
        <Button
          variant="ghost"
          size="tiny"
          className="text-current!"
          aria-label={`Delete “${title}”`}
          data-testid="thread-delete"
          onClick={() => onDelete(thread)}
        >
          <Trash2 className="size-3.5" aria-hidden="true" />
        </Button>
      </div>
    </li>
  );
});

function deleted(count: number): string {
  return `Deleted ${count} conversations`;
}

/** The id of the conversation that is open. */
export function useActiveThreadId(): string | null {
  const { chat } = useApp();
  const active = useSelected(chat, (state) => state.active);
  return useSelected(active, (state) => state.id);
}

/** The person's conversations, the newest first. */
export function ThreadList({ onOpen }: { onOpen: (threadId: string) => void }) {
  const { chat, threads: list, toasts } = useApp();
  const { threads, load, hasMore, loadingMore } = useObservable(list);
  const activeId = useActiveThreadId();
  const [search, setSearch] = useState("");
  const section = useRef<HTMLElement>(null);
  const rowFocus = useRowFocus(section);
  const keepFocus = useCallback(() => {
    const rows = section.current?.querySelectorAll<HTMLElement>("[data-row] > button");
    (rows?.[rows.length - 1] ?? section.current)?.focus();
  }, []);
  const remove = useCallback(
    ({ id, title }: ThreadMetadata): void => {
      const undo = chat.remove(id);
      const subject = title ?? UNTITLED;
      toasts.show({
        message: `Deleted the conversation “${subject}”`,
        action: { label: "Undo", run: undo },
        group: { name: "deleted-conversations", subject, describe: deleted },
      });
    },
    [chat, toasts],
  );
  const today = useToday();
  const searched = threads.length >= SEARCHED_FROM || search !== "";
  // What isn't read yet is found as well; a page that can't be read isn't asked for again for the same words.
  const wanted = search.trim() && hasMore ? `${threads.length} ${search}` : null;
  const asked = useRef<string | null>(null);
  useEffect(() => {
    if (wanted === null || loadingMore || asked.current === wanted) return;
    asked.current = wanted;
    void list.loadMore();
  }, [wanted, loadingMore, list]);
  const found = search.trim() ? threads.filter((thread) => matches(thread, search)) : threads;
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Conversations"
      {...useKeptFocus(section, keepFocus)}
      className="scroll-quiet min-h-0 flex-1 overflow-y-auto px-3 pb-3"
    >
      {searched ? (
        <input
          type="search"
          dir="auto"
          aria-label="Search conversations"
          placeholder="Search conversations"
          data-testid="thread-search"
          className="mb-2 min-h-9 w-full rounded-lg border border-line bg-surface px-3 text-sm pointer-coarse:text-base"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      ) : null}
      {load === "loading" ? (
        <div className="space-y-2 px-3 pt-1" aria-hidden="true">
          {["w-4/5", "w-3/5", "w-2/3"].map((width) => (
            <div key={width} className={`h-4 animate-breathe rounded bg-line ${width}`} />
          ))}
        </div>
      ) : null}
      {load === "error" ? (
        <div className="px-3 text-sm text-ink-muted">
          <p>The conversations couldn’t be loaded.</p>
          <Button
            variant="secondary"
            size="sm"
            className="mt-2"
            onClick={() => void list.refresh()}
          >
            Try again
          </Button>
        </div>
      ) : null}
      {load === "ready" && threads.length === 0 ? (
        <p className="px-3 text-sm text-ink-muted">Your conversations will be listed here.</p>
      ) : null}
      {search.trim() && found.length === 0 && !loadingMore ? (
        <p className="px-3 text-sm text-ink-muted">No conversation has these words in its title.</p>
      ) : null}
      <div {...rowFocus}>
        {found.length > 0
          ? groupThreads(found, today).map(({ label, threads: group }) => (
              <div key={label}>
                <h2 className="px-3 pt-2 pb-1 text-xs font-semibold text-ink-muted">{label}</h2>
                <ul className="space-y-0.5">
                  {group.map((thread) => (
                    <ThreadRow
                      key={thread.id}
                      thread={thread}
                      current={thread.id === activeId}
                      onOpen={onOpen}
                      onDelete={remove}
                    />
                  ))}
                </ul>
              </div>
            ))
          : null}
      </div>
      {hasMore ? (
        <Button
          variant="ghost"
          size="sm"
          className="mt-1 w-full"
          aria-busy={loadingMore}
          onClick={() => void list.loadMore()}
        >
          {loadingMore ? <LoaderCircle className="size-4 animate-spin" aria-hidden="true" /> : null}
          Show older
        </Button>
      ) : null}
    </section>
  );
}
