import type { Metadata } from "next";
import { ChatScreen } from "@/components/chat/chat-screen";
import { serverEnv } from "@/lib/server/env";

export const metadata: Metadata = { title: "Chat" };

export default async function ChatPage({ params }: { params: Promise<{ thread?: string[] }> }) {
  const { thread } = await params;
  const env = serverEnv();
  return (
    <ChatScreen
      threadId={thread?.[0] ?? null}
      hosted={
        env.chatkitDomainKey
          ? { domainKey: env.chatkitDomainKey, scriptUrl: env.chatkitScriptUrl }
          : null
      }
    />
  );
}
