"use client";

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { type Channel, openChannel } from "@/lib/channel";
import { type ChatClient, chatClientOf } from "@/lib/chat/client";
import { ChatStore } from "@/lib/chat/store";
import { ThreadList } from "@/lib/chat/thread-list";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import type { FirstPage } from "@/lib/first-page";
import { type BackendFetch, backendOf, RequestError } from "@/lib/http";
import { chatPath, correctPath, viewOf } from "@/lib/navigation";
import { Outbox } from "@/lib/outbox/outbox";
import { LocalOutboxStorage } from "@/lib/outbox/storage";
import { openTabs } from "@/lib/outbox/tabs";
import { signInPath } from "@/lib/redirects";
import { watchSession } from "@/lib/session-watch";
import { isSigningOut } from "@/lib/sign-out";
import { chosenOrder } from "@/lib/tasks/chosen-order";
import { type TaskClient, taskClientOf } from "@/lib/tasks/client";
import { onScreen } from "@/lib/tasks/on-screen";
import { TaskStore } from "@/lib/tasks/store";
import type { TaskOrder } from "@/lib/tasks/views";
import { ToastStore } from "@/lib/toasts";

/** What the signed-in pages share; it outlives moving between them. */
export interface AppContextValue {
  userId: string;
  backend: BackendFetch;
  chatClient: ChatClient;
  taskClient: TaskClient;
  outbox: Outbox;
  chat: ChatStore;
  threads: ThreadList;
  tasks: TaskStore;
  /** The order in which the server has drawn the tasks. */
  firstOrder: TaskOrder;
  connection: Connection;
  toasts: ToastStore;
  drafts: DraftStorage;
}

/** What tabs of one person tell each other has changed. */
interface DataMessage {
  tasks?: true;
  threads?: true;
}

const AppContext = createContext<AppContextValue | null>(null);

/** How long a probe may take, in milliseconds. */
const PROBE_LIMIT_MS = 5_000;
/** How long a message waits for changes that were made before it, in milliseconds. */
const CHANGES_LIMIT_MS = 3_000;
/** Coming back to the page causes several events at once. */
const REFRESH_PAUSE_MS = 1_000;
/** By then a tab that was just closed is gone, in milliseconds. */
const CLOSED_MS = 3_000;

/** Leaves a page that isn't this person's any more. What waits stays, for when they are back. */
function leave({ kind }: RequestError): void {
  if (isSigningOut()) return;
  if (kind === "other-user") {
    window.location.reload();
    return;
  }
  const { pathname, search } = window.location;
  window.location.assign(signInPath(`${pathname}${search}`, true));
}

function createApp(
  userId: string,
  first: FirstPage,
  tell: (message: DataMessage) => void,
): AppContextValue {
  const toasts = new ToastStore();
  const backend = backendOf(userId);
  const connection = new Connection(async () => {
    try {
      return (await backend("/ready", { limitMs: PROBE_LIMIT_MS })).ok;
    } catch (error) {
      if (error instanceof RequestError) {
        if (error.kind === "signed-out" || error.kind === "other-user") leave(error);
      }
      throw error;
    }
  });
  const outbox = new Outbox({
    storage: new LocalOutboxStorage(userId),
    connection,
    tab: "",
    onLeave: leave,
  });
  const onFailure = (message: string): void => toasts.show({ message, tone: "danger" });
  const chatClient = chatClientOf(backend, chosenOrder, onScreen);
  const taskClient = taskClientOf(backend);
  const tasks = new TaskStore({
    client: taskClient,
    connection,
    outbox,
    initial: first.tasks,
    onLeave: leave,
    onFailure,
    onSaved: () => tell({ tasks: true }),
  });
  const threads = new ThreadList({
    client: chatClient,
    connection,
    outbox,
    initial: first.threads,
    onLeave: leave,
    onFailure,
    // Several that are brought back at once may well be too many for the back end.
    onNotRestored: (title, message, run) =>
      toasts.show({
        message: `“${title}” couldn't be brought back. ${message}`,
        tone: "danger",
        action: { label: "Retry", run },
        group: {
          name: "conversations-not-restored",
          subject: title,
          describe: (count) => `${count} conversations couldn't be brought back`,
        },
      }),
    onSaved: () => tell({ threads: true }),
  });
  const chat = new ChatStore({
    client: chatClient,
    connection,
    outbox,
    list: threads,
    initial: { threadId: first.threadId, items: first.items },
    beforeSend: () =>
      Promise.race([
        tasks.settled(),
        new Promise<void>((resolve) => setTimeout(resolve, CHANGES_LIMIT_MS)),
      ]),
    onTasksChanged: () => {
      void tasks.refresh();
      tell({ tasks: true });
    },
    onChanged: () => tell({ threads: true, tasks: true }),
    onNotice: (message) => toasts.show({ message }),
    onLeave: leave,
    onMoved: (threadId) => {
      if (viewOf(window.location.pathname)?.name === "chat") correctPath(chatPath(threadId));
    },
  });
  const drafts = new DraftStorage(userId);
  return {
    ...{ userId, backend, chatClient, taskClient, outbox },
    ...{ chat, threads, tasks, connection, toasts, drafts },
    firstOrder: first.taskOrder ?? "hand",
  };
}

/** Has the page follow what happens around it: the session, other tabs, the network, one's coming back. */
function watch(app: AppContextValue, hear: (channel: Channel<DataMessage>) => void): () => void {
  const { userId, chat, threads, tasks, outbox, connection } = app;
  const stopWatching = watchSession(userId, () => window.location.reload());
  const channel = openChannel<DataMessage>(`todo-data/${userId}`, (message) => {
    if (message.tasks) void tasks.refresh();
    if (message.threads) {
      void threads.refresh();
      chat.refresh();
    }
  });
  hear(channel);
  const tabs = openTabs(userId);
  const started = outbox.start(tabs).then(() => chat.restore());
  /** Goes on with what tabs have left behind that are closed. */
  const adopt = async (): Promise<void> => {
    await started;
    await outbox.adopt(tabs);
    chat.restore();
  };
  void adopt();
  const stopAdopting = connection.whenBack(() => void adopt());
  let closing: ReturnType<typeof setTimeout>;
  void threads.refresh();
  void tasks.refresh();

  let last = Date.now();
  const refresh = (): void => {
    if (document.visibilityState !== "visible" || Date.now() - last < REFRESH_PAUSE_MS) return;
    last = Date.now();
    void tasks.refresh();
    void threads.refresh();
    chat.refresh();
    void adopt();
    clearTimeout(closing);
    closing = setTimeout(() => void adopt(), CLOSED_MS);
  };
  const online = (): void => void connection.retryNow();
  const offline = (): void => connection.lost();
  // What can't be kept in the browser would be lost with the page.
  const warn = (event: BeforeUnloadEvent): void => {
    if (outbox.unsent > 0 && !outbox.getSnapshot().durable) event.preventDefault();
  };
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("focus", refresh);
  window.addEventListener("online", online);
  window.addEventListener("offline", offline);
  window.addEventListener("beforeunload", warn);
  return () => {
    document.removeEventListener("visibilitychange", refresh);
    window.removeEventListener("focus", refresh);
    window.removeEventListener("online", online);
    window.removeEventListener("offline", offline);
    window.removeEventListener("beforeunload", warn);
    stopWatching();
    stopAdopting();
    clearTimeout(closing);
    channel.close();
    tabs.close();
  };
}

export function AppProvider({
  userId,
  first = { threadId: null },
  children,
}: {
  userId: string;
  first?: FirstPage;
  children: ReactNode;
}) {
  const channel = useRef<Channel<DataMessage>>(undefined);
  const [app] = useState(() =>
    createApp(userId, first, (message) => channel.current?.post(message)),
  );
  const ending = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    clearTimeout(ending.current);
    const stop = watch(app, (opened) => {
      channel.current = opened;
    });
    return () => {
      stop();
      // React's strict mode leaves and comes back at once, with the same stores.
      ending.current = setTimeout(() => {
        for (const part of [app.chat, app.threads, app.tasks, app.outbox, app.connection]) {
          part.dispose();
        }
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
