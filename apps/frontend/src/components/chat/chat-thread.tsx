"use client";

import {
  ActionBarPrimitive,
  AssistantRuntimeProvider,
  ComposerPrimitive,
  MessagePrimitive,
  ThreadPrimitive,
  useAui,
  useAuiState,
} from "@assistant-ui/react";
import {
  ArrowDown,
  ArrowUp,
  Check,
  CircleAlert,
  Clock,
  Copy,
  LoaderCircle,
  RotateCcw,
  Square,
} from "lucide-react";
import { type RefObject, useEffect, useRef } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { AssistantMark, LogoMark } from "@/components/ui/logo";
import { type MessageNotes, STEP_TOOL, type StepArgs } from "@/lib/chat/messages";
import { ensureClipboard } from "@/lib/clipboard";
import type { Task } from "@/lib/tasks/types";
import { useObservable } from "@/lib/use-observable";
import { Markdown } from "./markdown";
import { MessagesSkeleton } from "./messages-skeleton";
import { useChatRuntime } from "./use-chat-runtime";

/** Longest message the back end takes, in characters. */
const MAX_MESSAGE_LENGTH = 8_000;

interface Suggestion {
  title: string;
  prompt: string;
}

/** First messages to choose from; once there are tasks, one of them is about a real one. */
function suggestions(tasks: readonly Task[]): Suggestion[] {
  const open = tasks.find((task) => !task.completed);
  return [
    { title: "Add a task", prompt: "Add buy milk" },
    { title: "Plan ahead", prompt: "Add pay the rent due tomorrow with high priority" },
    { title: "See what’s open", prompt: "What is on my list?" },
    open
      ? { title: "Tick something off", prompt: `Mark ${open.title} as done` }
      : { title: "Add several at once", prompt: "Add call Sam and water the plants" },
  ];
}

/** The conversation: messages, what the assistant did, and the composer. */
export function ChatThread() {
  const runtime = useChatRuntime();
  const { chat } = useApp();
  const { active } = useObservable(chat);
  useEffect(ensureClipboard, []);
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <ThreadPrimitive.Root className="flex min-h-0 flex-1 flex-col">
        <h1 className="sr-only">Chat</h1>
        <ThreadPrimitive.Viewport
          className="scroll-quiet relative flex min-h-0 flex-1 flex-col overflow-y-auto"
          // A welcome that doesn't fit is read from its beginning.
          autoScroll={active.items.length > 0}
          tabIndex={0}
          role="log"
          aria-label="Messages"
          aria-busy={active.run === "running" || active.run === "stopping"}
        >
          <div className="mx-auto flex w-full max-w-3xl flex-1 flex-col px-4 pt-6 pb-4 sm:px-6">
            {active.load === "loading" ? <MessagesSkeleton /> : null}
            {active.load === "ready" && active.items.length === 0 ? <Welcome /> : null}
            <div className="space-y-6">
              <ThreadPrimitive.Messages components={{ UserMessage, AssistantMessage }} />
            </div>
            <RunStatus />
          </div>
          {active.items.length > 0 ? (
            <ThreadPrimitive.ScrollToBottom asChild>
              <Button
                variant="secondary"
                size="icon"
                aria-label="Scroll to the newest message"
                className="sticky bottom-3 mx-auto rounded-full! shadow-card disabled:hidden"
              >
                <ArrowDown className="size-4" aria-hidden="true" />
              </Button>
            </ThreadPrimitive.ScrollToBottom>
          ) : null}
        </ThreadPrimitive.Viewport>
        <Composer />
      </ThreadPrimitive.Root>
    </AssistantRuntimeProvider>
  );
}

function Welcome() {
  const { tasks } = useApp();
  const state = useObservable(tasks);
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
        {suggestions(state.tasks).map(({ title, prompt }) => (
          <li key={title}>
            <ThreadPrimitive.Suggestion
              prompt={prompt}
              send
              // What is half typed stays there.
              clearComposer={false}
              data-testid="suggestion"
              className="flex h-full w-full flex-col rounded-2xl border border-line bg-surface px-4 py-3 text-left shadow-card transition-colors hover:border-accent"
            >
              <span className="text-sm font-medium">{title}</span>
              <span className="line-clamp-2 text-sm break-words text-ink-muted">“{prompt}”</span>
            </ThreadPrimitive.Suggestion>
          </li>
        ))}
      </ul>
    </div>
  );
}

function UserMessage() {
  const { unsent } = useAuiState((state) => state.message.metadata.custom as MessageNotes);
  return (
    <MessagePrimitive.Root
      data-testid="message-user"
      className="flex animate-appear flex-col items-end"
    >
      <div className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 break-words whitespace-pre-wrap text-on-accent-soft">
        <span className="sr-only">You: </span>
        <MessagePrimitive.Parts />
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
    </MessagePrimitive.Root>
  );
}

function AssistantMessage() {
  return (
    <MessagePrimitive.Root
      data-testid="message-assistant"
      className="group flex animate-appear gap-3 last:pb-7"
    >
      <AssistantMark />
      <div className="relative min-w-0 flex-1 pt-1">
        <span className="sr-only">Assistant: </span>
        <MessagePrimitive.Parts
          components={{
            Text: TextPart,
            Empty: TypingPart,
            tools: { by_name: { [STEP_TOOL]: StepPart }, Fallback: StepPart },
          }}
        />
        <ActionBarPrimitive.Root
          hideWhenRunning
          className="absolute top-full -left-2 z-10 flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 group-last:opacity-100"
        >
          <ActionBarPrimitive.Copy asChild copiedDuration={2000}>
            <CopyButton />
          </ActionBarPrimitive.Copy>
          <MessagePrimitive.If last>
            <ActionBarPrimitive.Reload asChild>
              <Button
                variant="ghost"
                size="icon"
                className="size-7!"
                aria-label="Answer again"
                title="Answer again"
                data-testid="message-reload"
              >
                <RotateCcw className="size-3.5" aria-hidden="true" />
              </Button>
            </ActionBarPrimitive.Reload>
          </MessagePrimitive.If>
        </ActionBarPrimitive.Root>
      </div>
    </MessagePrimitive.Root>
  );
}

function CopyButton(props: React.ComponentProps<"button">) {
  const copied = useAuiState((state) => state.message.isCopied);
  const Icon = copied ? Check : Copy;
  return (
    <Button
      variant="ghost"
      size="icon"
      className="size-7!"
      aria-label={copied ? "Copied" : "Copy message"}
      title="Copy message"
      data-testid="message-copy"
      {...props}
    >
      <Icon className="size-3.5" aria-hidden="true" />
    </Button>
  );
}

function TextPart({ text }: { text: string }) {
  return <Markdown text={text} />;
}

function TypingPart({ status }: { status: { type: string } }) {
  if (status.type !== "running") return null;
  return (
    <span className="inline-flex h-6 items-center gap-1" data-testid="typing">
      <span className="sr-only">The assistant is answering</span>
      {[0, 1, 2].map((dot) => (
        <span
          key={dot}
          className="size-1.5 animate-breathe rounded-full bg-ink-muted"
          style={{ animationDelay: `${dot * 180}ms` }}
        />
      ))}
    </span>
  );
}

function StepPart({ args, result }: { args: unknown; result?: unknown }) {
  const { title, detail } = args as StepArgs;
  const done = result !== undefined;
  const Icon = done ? Check : LoaderCircle;
  return (
    <p
      data-testid="tool-step"
      className="my-1.5 flex w-fit max-w-full items-start gap-2 rounded-xl border border-line bg-surface px-3 py-1.5 text-sm"
    >
      <Icon
        className={`mt-0.5 size-4 shrink-0 ${done ? "text-accent" : "animate-spin text-ink-muted"}`}
        aria-hidden="true"
      />
      <span className="min-w-0 break-words">
        {title}
        {detail ? <span className="block text-ink-muted">{detail}</span> : null}
      </span>
    </p>
  );
}

/** What goes on below the last message: progress, waiting, or what went wrong. */
function RunStatus() {
  const { chat } = useApp();
  const { active } = useObservable(chat);
  return (
    <div aria-live="polite" className="mt-4 empty:hidden">
      {active.run === "running" && active.progress ? (
        <p className="animate-breathe pl-11 text-sm text-ink-muted">{active.progress}</p>
      ) : null}
      {active.run === "queued" ? (
        <div
          data-testid="message-queued"
          className="flex flex-wrap items-center justify-end gap-x-2 text-sm text-ink-muted"
        >
          <Clock className="size-4 animate-breathe" aria-hidden="true" />
          Waiting to be sent
          <Button variant="ghost" size="sm" onClick={() => void chat.stop()}>
            Cancel
          </Button>
        </div>
      ) : null}
      {active.stopped ? (
        <p data-testid="chat-stopped" className="pl-11 text-sm text-ink-muted">
          You stopped this answer.
        </p>
      ) : null}
      {active.error ? (
        <div
          data-testid="chat-error"
          className="flex animate-appear flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-danger-soft px-3.5 py-2 text-sm text-danger"
        >
          <CircleAlert className="size-4 shrink-0" aria-hidden="true" />
          <span className="min-w-0 flex-1">{active.error.message}</span>
          {active.error.retry ? (
            <Button
              variant="danger"
              size="sm"
              data-testid="chat-retry"
              onClick={() => void chat.retry()}
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

/** Restores what was being typed, before a reload or before this code ran, and keeps it from then on. */
function DraftKeeper({ input }: { input: RefObject<HTMLTextAreaElement | null> }) {
  const { drafts } = useApp();
  const aui = useAui();
  const text = useAuiState((state) => state.composer.text);
  // A composer begins empty, which is no wish to forget the draft.
  const kept = useRef("");

  useEffect(() => {
    const draft = input.current?.value || drafts.load();
    if (draft) aui.composer().setText(draft);
  }, [aui, drafts, input]);

  // At once: the page may be left with the next key.
  useEffect(() => {
    if (text === kept.current) return;
    kept.current = text;
    drafts.save(text);
  }, [drafts, text]);

  return null;
}

function Composer() {
  const input = useRef<HTMLTextAreaElement>(null);
  return (
    <ComposerPrimitive.Root className="mx-auto w-full max-w-3xl shrink-0 px-3 pb-3 sm:px-6 sm:pb-5">
      <DraftKeeper input={input} />
      <div className="flex items-end gap-2 rounded-2xl border border-line-strong bg-surface p-1.5 shadow-card transition-colors focus-within:border-accent focus-within:outline-2 focus-within:-outline-offset-2 focus-within:outline-accent">
        <ComposerPrimitive.Input
          ref={input}
          rows={1}
          maxRows={8}
          autoFocus
          maxLength={MAX_MESSAGE_LENGTH}
          aria-label="Message"
          placeholder="Add, change or ask…"
          data-testid="chat-input"
          className="scroll-quiet min-h-10 flex-1 resize-none bg-transparent px-2.5 py-2 outline-none"
        />
        <SendOrStop />
      </div>
    </ComposerPrimitive.Root>
  );
}

function SendOrStop() {
  const { chat } = useApp();
  const { active } = useObservable(chat);
  const running = useAuiState((state) => state.thread.isRunning);
  if (running) {
    return (
      <ComposerPrimitive.Cancel asChild>
        <Button
          size="icon"
          className="size-10!"
          aria-label="Stop"
          aria-disabled={active.run === "stopping"}
          data-testid="chat-stop"
        >
          <Square className="size-4 fill-current" aria-hidden="true" />
        </Button>
      </ComposerPrimitive.Cancel>
    );
  }
  return (
    <ComposerPrimitive.Send asChild>
      <Button size="icon" className="size-10!" aria-label="Send" data-testid="chat-send">
        <ArrowUp className="size-5" aria-hidden="true" />
      </Button>
    </ComposerPrimitive.Send>
  );
}
