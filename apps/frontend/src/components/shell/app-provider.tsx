"use client";

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { chatClient } from "@/lib/chat/client";
import { ChatStore } from "@/lib/chat/store";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import { backendFetch, RequestError } from "@/lib/http";
import { signInPath } from "@/lib/redirects";
import { taskClient } from "@/lib/tasks/client";
import { TaskStore } from "@/lib/tasks/store";
import { ToastStore } from "@/lib/toasts";

/** What the signed-in pages share; it outlives moving between them. */
export interface AppContextValue {
  chat: ChatStore;
  tasks: TaskStore;
  connection: Connection;
  toasts: ToastStore;
  drafts: DraftStorage;
}

const AppContext = createContext<AppContextValue | null>(null);

function createApp(userId: string): AppContextValue {
  const toasts = new ToastStore();
  const drafts = new DraftStorage(userId);
  const leave = (): void => {
    const unsent = chat.unsent();
    if (unsent) drafts.seal(unsent);
    const { pathname, search } = window.location;
    window.location.assign(signInPath(`${pathname}${search}`, true));
  };
  const connection = new Connection(async () => {
    try {
      return (await backendFetch("/ready")).ok;
    } catch (error) {
      if (error instanceof RequestError && error.kind === "signed-out") leave();
      throw error;
    }
  });
  const tasks = new TaskStore({
    client: taskClient,
    connection,
    onSignedOut: leave,
    onFailure: (message) => toasts.show({ message, tone: "danger" }),
  });
  const chat = new ChatStore({
    client: chatClient,
    connection,
    onTasksChanged: () => void tasks.refresh(),
    onNotice: (message) => toasts.show({ message }),
    onSignedOut: leave,
    onActiveChange: (threadId) => {
      const path = threadId === null ? "/chat" : `/chat/${threadId}`;
      if (!window.location.pathname.startsWith("/chat")) return;
      if (window.location.pathname !== path) window.history.pushState(null, "", path);
    },
  });
  return { chat, tasks, connection, toasts, drafts };
}

export function AppProvider({ userId, children }: { userId: string; children: ReactNode }) {
  const [app] = useState(() => createApp(userId));

  const ending = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    clearTimeout(ending.current);
    void app.chat.loadThreads();
    void app.tasks.refresh();
    const refresh = (): void => {
      if (document.visibilityState === "visible") void app.tasks.refresh();
    };
    const online = (): void => void app.connection.retryNow();
    document.addEventListener("visibilitychange", refresh);
    window.addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", refresh);
      window.removeEventListener("online", online);
      // React's strict mode leaves and comes back at once, with the same stores.
      ending.current = setTimeout(() => {
        for (const part of [app.chat, app.tasks, app.connection]) part.dispose();
      });
    };
  }, [app]);

  return <AppContext value={app}>{children}</AppContext>;
}

/** The shared state of the signed-in pages. */
export function useApp(): AppContextValue {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp needs an AppProvider above it");
  return app;
}
