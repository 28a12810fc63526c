"use client";

import { ListTodo, Menu, MessageSquare, SquarePen, X } from "lucide-react";
import { usePathname } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ComposerHandle } from "@/components/chat/composer";
import type { HostedChatOptions } from "@/components/chat/hosted-chat";
import { useActiveThreadId } from "@/components/chat/thread-list";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Toaster } from "@/components/ui/toaster";
import { UNTITLED } from "@/lib/chat/thread-list";
import { chatPath, goTo, viewOf } from "@/lib/navigation";
import type { Theme } from "@/lib/theme";
import { useSelected } from "@/lib/use-observable";
import { useApp } from "./app-provider";
import { ConnectionBanner } from "./connection-banner";
import { ErrorBoundary } from "./error-boundary";
import { NavLink } from "./nav-link";
import { Shortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";
import type { ShellUser } from "./user";
import { Views } from "./views";

const TABS = [
  { path: "/chat", label: "Chat", icon: MessageSquare },
  { path: "/tasks", label: "Tasks", icon: ListTodo },
] as const;

/** Frame of the signed-in pages: sidebar or drawer, the view, and tabs on small screens. */
export function AppShell({
  user,
  theme,
  hosted,
}: {
  user: ShellUser;
  theme: Theme;
  hosted: HostedChatOptions | null;
}) {
  const { toasts, chat } = useApp();
  const pathname = usePathname();
  const composer = useRef<ComposerHandle>(null);
  const [drawerPath, setDrawerPath] = useState<string | null>(null);
  const drawer = drawerPath !== null;

  // Choosing a conversation or a page in the drawer closes it.
  useEffect(() => {
    setDrawerPath((path) => (path === pathname ? path : null));
  }, [pathname]);

  const startChat = useCallback((): void => {
    chat.startNew();
    goTo(chatPath(null));
    setDrawerPath(null);
    // Once the composer is there, where another view was.
    setTimeout(() => composer.current?.focus());
  }, [chat]);
  const closeDrawer = (): void => setDrawerPath(null);

  return (
    <div className="relative flex h-dvh overflow-hidden print:block print:h-auto print:overflow-visible">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <aside
        aria-label="Sidebar"
        className="hidden w-64 shrink-0 border-e border-line lg:flex print:hidden"
      >
        <Sidebar user={user} theme={theme} onNewChat={startChat} />
      </aside>
      {drawer ? (
        <Dialog
          label="Menu"
          onClose={closeDrawer}
          className="m-0 h-dvh max-h-none w-[min(19rem,85vw)] max-w-none border-e border-line bg-canvas shadow-pop"
        >
          <div className="flex h-full">
            <Sidebar user={user} theme={theme} onNewChat={startChat} onNavigate={closeDrawer} />
          </div>
          <Button
            variant="ghost"
            size="icon"
            className="absolute top-2.5 right-3 pointer-coarse:top-1.5"
            aria-label="Close menu"
            onClick={closeDrawer}
          >
            <X className="size-5" aria-hidden="true" />
          </Button>
          <Toaster toasts={toasts} />
        </Dialog>
      ) : null}
      <div className="flex min-w-0 flex-1 flex-col">
        <Header drawer={drawer} onMenu={() => setDrawerPath(pathname)} onNewChat={startChat} />
        <ConnectionBanner />
        <div id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none">
          <ErrorBoundary>
            <Views hosted={hosted} composer={composer} />
          </ErrorBoundary>
        </div>
        <Tabs />
      </div>
      {/* Nothing outside an open dialog can be reached. */}
      {drawer ? null : <Toaster toasts={toasts} />}
      <Shortcuts onNewChat={startChat} composer={composer} />
    </div>
  );
}

/** On small screens: where one is, and the two things that one wants there. */
function Header({
  drawer,
  onMenu,
  onNewChat,
}: {
  drawer: boolean;
  onMenu: () => void;
  onNewChat: () => void;
}) {
  const { threads } = useApp();
  const id = useActiveThreadId();
  const tasks = viewOf(usePathname() ?? "")?.name === "tasks";
  const title = useSelected(threads, (state) =>
    id === null ? "New chat" : (state.threads.find((one) => one.id === id)?.title ?? UNTITLED),
  );
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-b border-line px-1.5 lg:hidden short:h-11 print:hidden">
      <Button
        variant="ghost"
        size="icon"
        className="size-11!"
        aria-label="Open menu"
        aria-expanded={drawer}
        data-testid="open-menu"
        onClick={onMenu}
      >
        <Menu className="size-5" aria-hidden="true" />
      </Button>
      <p dir="auto" className="min-w-0 flex-1 truncate font-semibold tracking-tight">
        {tasks ? "Tasks" : title}
      </p>
      <Button
        variant="ghost"
        size="icon"
        className="size-11!"
        aria-label="Start a new chat"
        data-testid="header-new-chat"
        onClick={onNewChat}
      >
        <SquarePen className="size-5" aria-hidden="true" />
      </Button>
    </header>
  );
}

/** The pages, within reach of a thumb. */
function Tabs() {
  const { tasks } = useApp();
  const pathname = usePathname();
  const activeId = useActiveThreadId();
  const open = useSelected(tasks, (state) => state.tasks.filter((task) => !task.completed).length);
  return (
    <nav
      aria-label="Pages"
      className="grid shrink-0 grid-cols-2 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden print:hidden"
    >
      {TABS.map(({ path, label, icon: Icon }) => {
        const current = pathname === path || pathname?.startsWith(`${path}/`);
        return (
          <NavLink
            key={path}
            // Back to the conversation that is open.
            href={path === "/chat" ? chatPath(activeId) : path}
            aria-current={current ? "page" : undefined}
            className={`flex min-h-14 items-center justify-center gap-2 text-sm font-medium short:min-h-11 ${
              current ? "text-accent" : "text-ink-muted"
            }`}
          >
            <Icon className="size-5" aria-hidden="true" />
            {label}
            {path === "/tasks" && open > 0 ? (
              <span className="min-w-5 rounded-full bg-accent-soft px-1.5 text-center text-xs leading-5 text-on-accent-soft">
                {open}
                <span className="sr-only"> open</span>
              </span>
            ) : null}
          </NavLink>
        );
      })}
    </nav>
  );
}
