"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { messageMetadata } from "@/lib/chat/client";
import { stoppableFetch } from "@/lib/chat/stoppable-fetch";
import { type ColorScheme, colorScheme, watchColorScheme } from "@/lib/color-scheme";
import { EXPECTED_USER_HEADER } from "@/lib/http";
import { chatPath, goTo } from "@/lib/navigation";
import { signInPath } from "@/lib/redirects";
import { chosenOrder } from "@/lib/tasks/chosen-order";
import { onScreen } from "@/lib/tasks/on-screen";
import { MessagesSkeleton } from "./messages-skeleton";
import { useActiveThreadId } from "./thread-list";

export interface HostedChatOptions {
  domainKey: string;
  scriptUrl: string;
}

/** How long the component's script may take before the built-in chat steps in. */
const LOAD_LIMIT_MS = 3_000;
const ELEMENT = "openai-chatkit";

/** Scripts that couldn't be loaded: coming back to the page, nobody waits for them again. */
const failedScripts = new Set<string>();

/** The part of the component's documented interface that is used here. */
interface ChatKitElement extends HTMLElement {
  /** Takes the place of all options given before. */
  setOptions(options: {
    api: { url: string; domainKey: string; fetch: typeof fetch };
    initialThread: string | null;
    theme: { colorScheme: ColorScheme };
  }): void;
  setThreadId(threadId: string | null): Promise<void>;
}

/** Loads the script that defines OpenAI's chat element. Rejects when it takes too long. */
export function loadChatKit(scriptUrl: string, limitMs = LOAD_LIMIT_MS): Promise<void> {
  if (customElements.get(ELEMENT)) return Promise.resolve();
  if (failedScripts.has(scriptUrl)) {
    return Promise.reject(new Error("ChatKit's script couldn't be loaded before"));
  }
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = (reason: string): void => {
      clearTimeout(timer);
      failedScripts.add(scriptUrl);
      reject(new Error(`ChatKit's script ${reason}`));
    };
    const timer = setTimeout(() => {
      script.remove();
      fail("took too long to load");
    }, limitMs);
    script.src = scriptUrl;
    script.async = true;
    script.onerror = () => fail("couldn't be loaded");
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
  const { chat, threads, tasks, connection, chatClient, toasts, userId } = useApp();
  const activeId = useActiveThreadId();
  const host = useRef<HTMLDivElement>(null);
  const { domainKey, scriptUrl } = options;
  const [state, setState] = useState<"loading" | "ready" | "failed">(() =>
    failedScripts.has(scriptUrl) ? "failed" : "loading",
  );
  const [element, setElement] = useState<ChatKitElement | null>(null);
  /** The conversation that the component shows. */
  const shown = useRef<string | null>(null);

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
    shown.current = chat.active.id;
    created.addEventListener("chatkit.effect", () => void tasks.refresh());
    created.addEventListener("chatkit.response.end", () => {
      void tasks.refresh();
      void threads.refresh();
    });
    created.addEventListener("chatkit.thread.change", (event) => {
      const { threadId } = (event as CustomEvent<{ threadId: string | null }>).detail;
      shown.current = threadId;
      if (threadId === chat.active.id) return;
      if (threadId === null) chat.startNew();
      else chat.follow(threadId);
      goTo(chatPath(threadId));
    });
    const api = {
      url: new URL("/api/backend/chatkit", window.location.href).href,
      domainKey,
      fetch: stoppableFetch({
        headers: { [EXPECTED_USER_HEADER]: userId },
        // Going elsewhere in the app takes the component out of the page, but means no Stop.
        stop: async (key) => {
          if (created.isConnected) await chatClient.stop(key);
        },
        metadata: () => messageMetadata(chosenOrder(), onScreen()),
        // What is typed is known to the component only, and would go with the page.
        onSignedOut: () => {
          const signIn = () => window.location.assign(signInPath(window.location.pathname, true));
          toasts.show({
            message: "Your session has ended. Copy what you are writing, then sign in again.",
            tone: "danger",
            action: { label: "Sign in", run: signIn },
          });
        },
        onOtherUser: () => window.location.reload(),
        onUnavailable: () => connection.lost(),
      }),
    };
    const configure = (): void =>
      created.setOptions({
        api,
        initialThread: shown.current,
        theme: { colorScheme: colorScheme() },
      });
    configure();
    const unwatch = watchColorScheme(configure);
    host.current.replaceChildren(created);
    setElement(created);
    return () => {
      unwatch();
      created.remove();
    };
  }, [state, domainKey, chat, threads, tasks, connection, chatClient, toasts, userId]);

  // The list of conversations beside it leads to another one.
  useEffect(() => {
    if (!element || shown.current === activeId) return;
    shown.current = activeId;
    void element.setThreadId(activeId);
  }, [element, activeId]);

  if (state === "failed") return fallback;
  return (
    <>
      {state === "loading" ? <Skeleton /> : null}
      <div
        ref={host}
        className={state === "loading" ? "hidden" : "min-h-0 flex-1"}
        data-testid="hosted-chat"
      />
    </>
  );
}

/** Stands in while the script loads: a message or two, and where one writes. */
function Skeleton() {
  return (
    <div
      role="status"
      data-testid="hosted-chat-loading"
      className="mx-auto flex w-full max-w-3xl flex-1 flex-col justify-between px-4 pt-6 pb-5 sm:px-6"
    >
      <span className="sr-only">The chat is loading</span>
      <MessagesSkeleton />
      <div className="h-13 rounded-2xl border border-line bg-surface" aria-hidden="true" />
    </div>
  );
}
