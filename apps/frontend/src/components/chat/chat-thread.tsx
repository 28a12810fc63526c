"use client";

import { ArrowDown, CircleAlert, Clock, RotateCcw } from "lucide-react";
import { type RefObject, useCallback, useEffect, useMemo, useRef } from "react";
import { useStickToBottom } from "use-stick-to-bottom";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { useKeptFocus } from "@/components/ui/focus";
import { LogoMark } from "@/components/ui/logo";
import type { Conversation, ConversationState } from "@/lib/chat/conversation";
import { type ChatMessage, toMessages } from "@/lib/chat/messages";
import type { Task } from "@/lib/tasks/types";
import { useSelected } from "@/lib/use-observable";
import { useThrottled } from "@/lib/use-throttled";
import { Composer, type ComposerHandle, hasFinePointer } from "./composer";
import { Message } from "./message";
import { MessagesSkeleton } from "./messages-skeleton";

/** How often an answer that is being written is drawn, in milliseconds: faster than one reads. */
const DRAW_PAUSE_MS = 150;

interface Suggestion {
  title: string;
  prompt: string;
}

/** First messages to choose from; once there are tasks, one of them is about a real one. */
function suggestions(task: Task | undefined): Suggestion[] {
  return [
    { title: "Add a task", prompt: "Add buy milk" },
    { title: "Plan ahead", prompt: "Add pay the rent due tomorrow with high priority" },
    { title: "See what’s open", prompt: "What is on my list?" },
    task
      ? { title: "Tick something off", prompt: `Mark ${task.title} as done` }
      : { title: "Add several at once", prompt: "Add call Sam and water the plants" },
  ];
}

/** The conversation that is open: messages, what the assistant did, and the composer. */
export function ChatThread({ composer }: { composer: RefObject<ComposerHandle | null> }) {
  const { chat } = useApp();
  const active = useSelected(chat, (state) => state.active);
  const edit = useCallback((text: string) => composer.current?.fill(text), [composer]);
  const region = useRef<HTMLDivElement>(null);
  const keepFocus = useCallback(() => {
    const log = region.current?.querySelector<HTMLElement>("[role=log]");
    (hasFinePointer() ? composer.current : log)?.focus();
  }, [composer]);
  return (
    <div ref={region} className="flex min-h-0 flex-1 flex-col" {...useKeptFocus(region, keepFocus)}>
      <Messages key={active.key} conversation={active} onEdit={edit} />
      <Composer conversation={active} handle={composer} />
    </div>
  );
}

function Messages({
  conversation,
  onEdit,
}: {
  conversation: Conversation;
  onEdit: (text: string) => void;
}) {
  const state = useThrottled(conversation, DRAW_PAUSE_MS);
  const { items, load, run } = state;
  const running = run === "running" || run === "stopping";
  const before = useRef<ChatMessage[]>([]);
  const messages = useMemo(() => toMessages(items, running, before.current), [items, running]);
  useEffect(() => {
    before.current = messages;
  }, [messages]);
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom({
    initial: "instant",
    resize: "instant",
  });

  // What one has just written is shown, wherever one was reading.
  const own = messages.findLast(({ role }) => role === "user")?.id;
  useEffect(() => {
    if (own?.startsWith("local-")) void scrollToBottom("instant");
  }, [own, scrollToBottom]);

  const empty = load === "ready" && messages.length === 0;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={empty ? null : scrollRef}
        className="scroll-quiet flex min-h-0 flex-1 flex-col overflow-y-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-busy={running}
      >
        <div
          ref={empty ? null : contentRef}
          className={`mx-auto w-full max-w-3xl px-4 pt-6 pb-4 sm:px-6 ${empty ? "flex flex-1 flex-col" : ""}`}
        >
          {load === "loading" || load === "idle" ? <MessagesSkeleton /> : null}
          {empty ? <Welcome /> : null}
          <div className="space-y-7 pointer-coarse:space-y-10">
            {messages.map((message, index) => (
              <Message
                key={message.id}
                message={message}
                last={index === messages.length - 1}
                onEdit={onEdit}
              />
            ))}
          </div>
          <RunStatus conversation={conversation} state={state} />
        </div>
      </div>
      {isAtBottom || empty ? null : (
        <Button
          variant="secondary"
          size="icon"
          aria-label="Scroll to the newest message"
          data-testid="scroll-down"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full! shadow-card print:hidden"
          onClick={() => void scrollToBottom("instant")}
        >
          <ArrowDown className="size-4" aria-hidden="true" />
        </Button>
      )}
    </div>
  );
}

function Welcome() {
  const { tasks, chat } = useApp();
  const open = useSelected(tasks, (state) => state.tasks.find((task) => !task.completed));
  return (
    <div className="flex flex-1 animate-appear flex-col items-center justify-center pb-8 text-center">
      <LogoMark className="size-12 max-sm:hidden" />
      <h2 className="mt-4 text-2xl font-semibold tracking-tight text-balance">
        What would you like to get done?
      </h2>
      <p className="mt-1.5 max-w-md text-ink-muted text-balance">
        Tell me in your own words. I add, change and tick off tasks, and the list follows along.
      </p>
      <ul className="mt-7 grid w-full max-w-xl gap-2.5 sm:grid-cols-2">
        {suggestions(open).map(({ title, prompt }) => (
          <li key={title}>
            <button
              type="button"
              data-testid="suggestion"
              className="flex h-full w-full flex-col rounded-2xl border border-line bg-surface px-4 py-3 text-start shadow-card transition-colors hover:border-accent"
              onClick={() => void chat.send(prompt)}
            >
              <span className="text-sm font-medium">{title}</span>
              <span dir="auto" className="line-clamp-2 text-sm break-words text-ink-muted">
                “{prompt}”
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What goes on below the last message: progress, waiting, or what went wrong. */
function RunStatus({
  conversation,
  state: { run, progress, delivered, stopped, error },
}: {
  conversation: Conversation;
  state: ConversationState;
}) {
  return (
    <div aria-live="polite" className="mt-4 empty:hidden">
      {run === "running" && progress ? (
        <p className="animate-breathe ps-11 text-sm text-ink-muted">{progress}</p>
      ) : null}
      {run === "stopping" ? <p className="ps-11 text-sm text-ink-muted">Stopping…</p> : null}
      {run === "queued" ? (
        <div
          data-testid="message-queued"
          className="flex flex-wrap items-center justify-end gap-x-2 text-sm text-ink-muted"
        >
          <Clock className="size-4 animate-breathe" aria-hidden="true" />
          {delivered ? "The answer goes on as soon as the assistant is back" : "Waiting to be sent"}
          <Button variant="ghost" size="sm" onClick={() => void conversation.stop()}>
            Cancel
          </Button>
        </div>
      ) : null}
      {stopped ? (
        <p data-testid="chat-stopped" className="ps-11 text-sm text-ink-muted">
          You stopped this answer.
        </p>
      ) : null}
      {error ? (
        <div
          data-testid="chat-error"
          className="flex animate-appear flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-danger-soft px-3.5 py-2 text-sm text-danger"
        >
          <CircleAlert className="size-4 shrink-0" aria-hidden="true" />
          <span className="min-w-0 flex-1">{error.message}</span>
          {error.retry ? (
            <Button
              variant="danger"
              size="sm"
              data-testid="chat-retry"
              onClick={() => void conversation.retry()}
            >
              <RotateCcw className="size-4" aria-hidden="true" />
              Try again
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
