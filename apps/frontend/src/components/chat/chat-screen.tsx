"use client";

import { useEffect } from "react";
import { useApp } from "@/components/shell/app-provider";
import { TaskPanel } from "@/components/tasks/task-panel";
import { ChatThread } from "./chat-thread";
import { HostedChat, type HostedChatOptions } from "./hosted-chat";

const PATH = /^\/chat(?:\/([^/]+))?$/;

/** The chat with the task list beside it. `hosted` switches to OpenAI's own component. */
export function ChatScreen({
  threadId,
  hosted,
}: {
  threadId: string | null;
  hosted: HostedChatOptions | null;
}) {
  const { chat } = useApp();

  // Moving through the conversations doesn't leave the page, which may be shown again later with the
  // thread of its first time: the address knows the present one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with it, a link has changed the address
  useEffect(() => {
    const follow = (): void => {
      const match = PATH.exec(window.location.pathname);
      if (match) void chat.follow(match[1] ?? null);
    };
    follow();
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [chat, threadId]);

  return (
    <>
      <main className="flex min-w-0 flex-1 flex-col">
        {hosted ? <HostedChat options={hosted} fallback={<ChatThread />} /> : <ChatThread />}
      </main>
      <aside
        aria-label="Tasks"
        className="hidden w-80 shrink-0 border-l border-line bg-surface md:flex xl:w-96"
      >
        <TaskPanel heading="h2" />
      </aside>
    </>
  );
}
