"use client";

import { usePathname } from "next/navigation";
import { type RefObject, useEffect, useRef } from "react";
import { ChatScreen } from "@/components/chat/chat-screen";
import type { ComposerHandle } from "@/components/chat/composer";
import type { HostedChatOptions } from "@/components/chat/hosted-chat";
import { useActiveThreadId } from "@/components/chat/thread-list";
import { TaskPanel } from "@/components/tasks/task-panel";
import { UNTITLED } from "@/lib/chat/thread-list";
import { viewOf } from "@/lib/navigation";
import { SITE_NAME } from "@/lib/site";
import { useSelected } from "@/lib/use-observable";
import { useApp } from "./app-provider";

/** Shows what the address names, and has the chat and the window's title follow it. */
export function Views({
  hosted,
  composer,
}: {
  hosted: HostedChatOptions | null;
  composer: RefObject<ComposerHandle | null>;
}) {
  const { chat } = useApp();
  const view = viewOf(usePathname() ?? "");
  const threadId = view?.name === "chat" ? view.threadId : undefined;

  useEffect(() => {
    if (threadId !== undefined) chat.follow(threadId);
  }, [chat, threadId]);

  useTitle(view?.name === "tasks");
  useArrival(view?.name);

  if (view?.name === "tasks") {
    return (
      <main className="mx-auto flex min-h-0 w-full max-w-3xl flex-1 flex-col">
        <TaskPanel heading="h1" />
      </main>
    );
  }
  return <ChatScreen hosted={hosted} composer={composer} />;
}

function useTitle(tasks: boolean): void {
  const { threads } = useApp();
  const id = useActiveThreadId();
  const title = useSelected(threads, (state) =>
    id === null ? null : (state.threads.find((thread) => thread.id === id)?.title ?? UNTITLED),
  );
  const name = tasks ? "Tasks" : (title ?? "New chat");
  useEffect(() => {
    document.title = `${name} · ${SITE_NAME}`;
  }, [name]);
}

/** Moving to another view leaves the keyboard at its beginning, not at the top of the document. */
function useArrival(name: string | undefined): void {
  const before = useRef(name);
  useEffect(() => {
    if (before.current === name) return;
    before.current = name;
    const { activeElement } = document;
    if (!activeElement || activeElement === document.body) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  }, [name]);
}
