"use client";

import { CircleAlert, Pencil, RotateCcw } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useReturnFocus } from "@/components/ui/focus";
import { AssistantMark } from "@/components/ui/logo";
import { isLocal } from "@/lib/chat/items";
import { type ChatMessage, copyText, partsOf } from "@/lib/chat/messages";
import { CopyButton } from "./copy-button";
import { Markdown } from "./markdown";
import { MessageBoundary } from "./message-boundary";
import { editDraft, MessageEditor } from "./message-editor";
import { Steps } from "./steps";

/** Below the message, where the next one begins, so that they take no room of their own. */
const ACTIONS =
  "absolute top-full z-10 flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 " +
  "group-last:opacity-100 pointer-coarse:opacity-100 print:hidden";

/** One message. What can't be drawn is shown as plain text, and the others stay. */
export const Message = memo(function Message({
  message,
  last,
  onEdit,
}: {
  message: ChatMessage;
  last: boolean;
  onEdit: (text: string) => void;
}) {
  const text = copyText(message);
  return (
    <MessageBoundary
      of={text}
      fallback={
        <p dir="auto" className="break-words whitespace-pre-wrap">
          {text}
        </p>
      }
    >
      {message.role === "user" ? (
        <UserMessage message={message} onEdit={onEdit} />
      ) : (
        <AssistantMessage message={message} last={last} />
      )}
    </MessageBoundary>
  );
});

function UserMessage({
  message,
  onEdit,
}: {
  message: ChatMessage;
  onEdit: (text: string) => void;
}) {
  const { drafts } = useApp();
  const text = copyText(message);
  const [item] = message.items;
  const unsent = item?.type === "user_message" && item.unsent;
  const [editing, setEditing] = useState(false);
  const [editButton, returnFocus] = useReturnFocus<HTMLButtonElement>();
  // What was half changed when one left is open again.
  const id = item?.id ?? "";
  useEffect(() => {
    if (drafts.load(editDraft(id))) setEditing(true);
  }, [drafts, id]);
  if (editing && item) {
    const close = (): void => {
      setEditing(false);
      returnFocus();
    };
    return (
      <div data-testid="message-user" className="last:mb-8">
        <MessageEditor
          messageId={item.id}
          text={text}
          // The message goes, so the focus isn't for its button.
          onSent={() => setEditing(false)}
          onClose={close}
        />
      </div>
    );
  }
  return (
    <div
      data-testid="message-user"
      className="group relative flex animate-appear flex-col items-end last:mb-8"
    >
      <div className="max-w-[85%] rounded-2xl rounded-ee-md border border-transparent bg-accent-soft px-4 py-2.5 break-words whitespace-pre-wrap text-on-accent-soft">
        <span className="sr-only">You: </span>
        {/* By itself: the words before it would decide. */}
        <span dir="auto" className="block">
          {text}
        </span>
      </div>
      {unsent ? (
        <p
          data-testid="message-unsent"
          className="mt-1 flex items-center gap-1.5 text-sm text-ink-muted"
        >
          <CircleAlert className="size-3.5" aria-hidden="true" />
          Not sent
        </p>
      ) : null}
      <div className={ACTIONS}>
        <CopyButton text={text} label="Copy your message" testId="message-user-copy" />
        <Button
          ref={editButton}
          variant="ghost"
          size="tiny"
          aria-label="Edit your message"
          title="Edit your message"
          data-testid="message-edit"
          // What the back end doesn't have isn't replaced there: it is written anew.
          onClick={() => (item && !isLocal(item.id) ? setEditing(true) : onEdit(text))}
        >
          <Pencil className="size-3.5" aria-hidden="true" />
        </Button>
      </div>
    </div>
  );
}

function AssistantMessage({ message, last }: { message: ChatMessage; last: boolean }) {
  const { chat } = useApp();
  const { running } = message;
  const parts = partsOf(message);
  const answered = !running && parts.at(-1)?.type === "text";
  return (
    <div data-testid="message-assistant" className="group flex animate-appear gap-3 last:mb-8">
      <AssistantMark />
      <div className="relative min-w-0 flex-1 pt-1">
        <span className="sr-only">Assistant: </span>
        {parts.map((part, index) =>
          part.type === "text" ? (
            <Markdown
              key={part.id}
              text={part.text}
              running={running && index === parts.length - 1}
            />
          ) : (
            <Steps key={part.id} steps={part.steps} folds={answered} last={last} />
          ),
        )}
        {running ? <Typing still={parts.at(-1)?.type === "text"} /> : null}
        {running ? null : (
          <div className={`-start-2 ${ACTIONS}`}>
            <CopyButton text={() => copyText(message)} label="Copy message" testId="message-copy" />
            {last ? (
              <Button
                variant="ghost"
                size="tiny"
                aria-label="Answer again"
                title="Answer again"
                data-testid="message-reload"
                onClick={() => void chat.active.retry()}
              >
                <RotateCcw className="size-3.5" aria-hidden="true" />
              </Button>
            ) : null}
          </div>
        )}
      </div>
    </div>
  );
}

/** Says that more is to come, as long as it is; `still` below words, which move by themselves as they come. */
function Typing({ still }: { still: boolean }) {
  return (
    <span className="mt-1 inline-flex h-6 items-center gap-1" data-testid="typing">
      <span className="sr-only">The assistant is answering</span>
      {[0, 1, 2].map((dot) => (
        <span
          key={dot}
          className={`size-1.5 rounded-full bg-ink-muted ${still ? "" : "animate-breathe"}`}
          style={{ animationDelay: `${dot * 180}ms` }}
        />
      ))}
    </span>
  );
}
