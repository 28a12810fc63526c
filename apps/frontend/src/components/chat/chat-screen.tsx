"use client";

import { useEffect } from "react";
import { useApp } from "@/components/shell/app-provider";
import { TaskPanel } from "@/components/tasks/task-panel";
import { ChatThread } from "./chat-thread";
import { HostedChat, type HostedChatOptions } from "./hosted-chat";

/** The chat with the task list beside it. `hosted` switches to OpenAI's own component. */
export function ChatScreen({
  threadId,
  hosted,
}: {
  threadId: string | null;
  hosted: HostedChatOptions | null;
}) {
  const { chat } = useApp();

  useEffect(() => {
    void chat.open(threadId);
  }, [chat, threadId]);

  // Moving through the conversations doesn't leave the page, so back and forward are followed here.
  useEffect(() => {
    const follow = (): void => {
      const match = /^\/chat(?:\/([^/]+))?$/.exec(window.location.pathname);
      if (match) void chat.open(match[1] ?? null);
    };
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [chat]);

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
