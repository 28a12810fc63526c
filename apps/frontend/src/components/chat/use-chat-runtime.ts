import {
  type AppendMessage,
  type AssistantRuntime,
  useExternalStoreRuntime,
} from "@assistant-ui/react";
import { useEffect, useMemo, useRef } from "react";
import { useApp } from "@/components/shell/app-provider";
import { type ChatMessage, toMessages, toThreadMessage } from "@/lib/chat/messages";
import { useObservable } from "@/lib/use-observable";

function textOf(message: AppendMessage): string {
  return message.content
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("\n")
    .trim();
}

/** Puts assistant-ui on top of the chat store: it renders and composes, the store decides. */
export function useChatRuntime(): AssistantRuntime {
  const { chat } = useApp();
  const { active } = useObservable(chat);
  const running = active.run === "running" || active.run === "stopping";
  const before = useRef<ChatMessage[]>([]);
  const messages = useMemo(
    () => toMessages(active.items, running, before.current),
    [active.items, running],
  );
  useEffect(() => {
    before.current = messages;
  }, [messages]);

  return useExternalStoreRuntime<ChatMessage>({
    messages,
    // Another function would have all messages converted again.
    convertMessage: toThreadMessage,
    isRunning: running,
    isLoading: active.load === "loading",
    isSendDisabled: active.run === "queued" || active.load !== "ready",
    onNew: async (message) => {
      const text = textOf(message);
      if (text) await chat.send(text);
    },
    onCancel: () => chat.stop(),
    onReload: async () => chat.retry(),
  });
}
