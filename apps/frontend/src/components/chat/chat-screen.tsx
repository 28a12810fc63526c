"use client";

import dynamic from "next/dynamic";
import type { RefObject } from "react";
import { TaskPanel } from "@/components/tasks/task-panel";
import { useMediaQuery } from "@/lib/use-media-query";
import { ChatThread } from "./chat-thread";
import type { ComposerHandle } from "./composer";
import type { HostedChatOptions } from "./hosted-chat";

/** Only where it is configured. */
const HostedChat = dynamic(() => import("./hosted-chat").then((module) => module.HostedChat));

/** Where there is room for the tasks beside the chat; Tailwind's `md`. */
const WIDE = "(min-width: 48rem)";

/** The chat with the task list beside it. `hosted` switches to OpenAI's own component. */
export function ChatScreen({
  hosted,
  composer,
}: {
  hosted: HostedChatOptions | null;
  composer: RefObject<ComposerHandle | null>;
}) {
  const wide = useMediaQuery(WIDE);
  const thread = <ChatThread composer={composer} />;
  return (
    <>
      <main className="flex min-w-0 flex-1 flex-col">
        <h1 className="sr-only">Chat</h1>
        {hosted ? <HostedChat options={hosted} fallback={thread} /> : thread}
      </main>
      <aside
        aria-label="Tasks"
        className="hidden w-80 shrink-0 border-s border-line bg-surface md:flex xl:w-96 print:hidden"
      >
        {wide ? <TaskPanel heading="h2" /> : null}
      </aside>
    </>
  );
}
