"use client";

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { chatClient } from "@/lib/chat/client";
import { ChatStore } from "@/lib/chat/store";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import { backendFetch } from "@/lib/http";
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

function leave(): void {
  const { pathname, search } = window.location;
  window.location.assign(signInPath(`${pathname}${search}`, true));
}

function createApp(userId: string): AppContextValue {
  const toasts = new ToastStore();
  const drafts = new DraftStorage(userId);
  const connection = new Connection(async () => (await backendFetch("/ready")).ok);
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
    onSignedOut: (unsent) => {
      if (unsent) drafts.seal(unsent);
      leave();
    },
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

  useEffect(() => {
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
