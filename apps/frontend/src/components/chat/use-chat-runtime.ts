import {
  type AppendMessage,
  type AssistantRuntime,
  useExternalStoreRuntime,
} from "@assistant-ui/react";
import { useMemo } from "react";
import { useApp } from "@/components/shell/app-provider";
import { type ChatMessage, toMessages, toThreadMessage } from "@/lib/chat/messages";
import { useObservable } from "@/lib/use-observable";

interface Entry {
  message: ChatMessage;
  running: boolean;
}

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
  const messages = useMemo<Entry[]>(() => {
    const all = toMessages(active.items);
    return all.map((message, index) => ({
      message,
      running: running && index === all.length - 1 && message.role === "assistant",
    }));
  }, [active.items, running]);

  return useExternalStoreRuntime<Entry>({
    messages,
    convertMessage: (entry) => toThreadMessage(entry.message, entry.running),
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
