"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { chatClient } from "@/lib/chat/client";
import { stoppableFetch } from "@/lib/chat/stoppable-fetch";
import { useObservable } from "@/lib/use-observable";

export interface HostedChatOptions {
  domainKey: string;
  scriptUrl: string;
}

/** How long the component's script may take before the built-in chat steps in. */
const LOAD_LIMIT_MS = 3_000;
const ELEMENT = "openai-chatkit";

/** The part of the component's documented interface that is used here. */
interface ChatKitElement extends HTMLElement {
  setOptions(options: {
    api: { url: string; domainKey: string; fetch: typeof fetch };
    initialThread: string | null;
    theme: { colorScheme: "light" | "dark" };
  }): void;
  setThreadId(threadId: string | null): Promise<void>;
}

/** Loads the script that defines OpenAI's chat element. Rejects when it takes too long. */
export function loadChatKit(scriptUrl: string, limitMs = LOAD_LIMIT_MS): Promise<void> {
  if (customElements.get(ELEMENT)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const timer = setTimeout(() => {
      script.remove();
      reject(new Error("ChatKit's script took too long to load"));
    }, limitMs);
    script.src = scriptUrl;
    script.async = true;
    script.onerror = () => {
      clearTimeout(timer);
      reject(new Error("ChatKit's script couldn't be loaded"));
    };
    customElements.whenDefined(ELEMENT).then(() => {
      clearTimeout(timer);
      resolve();
    });
    document.head.append(script);
  });
}

/** OpenAI's hosted chat component, or `fallback` where its script can't be loaded in time. */
export function HostedChat({
  options,
  fallback,
}: {
  options: HostedChatOptions;
  fallback: ReactNode;
}) {
  const { chat, tasks } = useApp();
  const { activeId } = useObservable(chat);
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  const [element, setElement] = useState<ChatKitElement | null>(null);
  /** The conversation that the component shows. */
  const shown = useRef<string | null>(null);
  const { domainKey, scriptUrl } = options;

  useEffect(() => {
    let live = true;
    loadChatKit(scriptUrl).then(
      () => live && setState("ready"),
      () => live && setState("failed"),
    );
    return () => {
      live = false;
    };
  }, [scriptUrl]);

  useEffect(() => {
    if (state !== "ready" || !host.current) return;
    const created = document.createElement(ELEMENT) as ChatKitElement;
    created.className = "block h-full w-full";
    shown.current = chat.getSnapshot().activeId;
    created.addEventListener("chatkit.effect", () => void tasks.refresh());
    created.addEventListener("chatkit.response.end", () => {
      void tasks.refresh();
      void chat.loadThreads();
    });
    created.addEventListener("chatkit.thread.change", (event) => {
      const { threadId } = (event as CustomEvent<{ threadId: string | null }>).detail;
      shown.current = threadId;
      if (threadId !== chat.getSnapshot().activeId) void chat.open(threadId);
    });
    const dark = getComputedStyle(document.documentElement).colorScheme.startsWith("dark");
    created.setOptions({
      api: {
        url: new URL("/api/backend/chatkit", window.location.href).href,
        domainKey,
        fetch: stoppableFetch((key) => chatClient.stop(key)),
      },
      initialThread: shown.current,
      theme: { colorScheme: dark ? "dark" : "light" },
    });
    host.current.replaceChildren(created);
    setElement(created);
    return () => created.remove();
  }, [state, domainKey, chat, tasks]);

  // The list of conversations beside it leads to another one.
  useEffect(() => {
    if (!element || shown.current === activeId) return;
    shown.current = activeId;
    void element.setThreadId(activeId);
  }, [element, activeId]);

  if (state === "failed") return fallback;
  return (
    <div
      ref={host}
      className="min-h-0 flex-1"
      aria-busy={state === "loading"}
      data-testid="hosted-chat"
    />
  );
}
