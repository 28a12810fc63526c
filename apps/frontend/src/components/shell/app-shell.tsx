"use client";

import { ListTodo, Menu, MessageSquare, X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { LogoMark } from "@/components/ui/logo";
import { Toaster } from "@/components/ui/toaster";
import type { Theme } from "@/lib/theme";
import { useObservable } from "@/lib/use-observable";
import { useApp } from "./app-provider";
import { ConnectionBanner } from "./connection-banner";
import { Sidebar } from "./sidebar";

export interface ShellUser {
  name: string;
  email: string;
}

const TABS = [
  { path: "/chat", label: "Chat", icon: MessageSquare },
  { path: "/tasks", label: "Tasks", icon: ListTodo },
] as const;

/** Frame of the signed-in pages: sidebar or drawer, the page, and tabs on small screens. */
export function AppShell({
  user,
  theme,
  children,
}: {
  user: ShellUser;
  theme: Theme;
  children: ReactNode;
}) {
  const { toasts } = useApp();
  const pathname = usePathname();
  const [drawerPath, setDrawerPath] = useState<string | null>(null);
  const drawer = drawerPath !== null;

  // Choosing a conversation or a page in the drawer closes it.
  useEffect(() => {
    setDrawerPath((path) => (path === pathname ? path : null));
  }, [pathname]);

  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <aside aria-label="Sidebar" className="hidden w-64 shrink-0 border-r border-line lg:flex">
        <Sidebar user={user} theme={theme} />
      </aside>
      {drawer ? (
        <Dialog
          label="Menu"
          onClose={() => setDrawerPath(null)}
          className="m-0 h-dvh max-h-none w-[min(19rem,85vw)] max-w-none border-r border-line bg-canvas shadow-pop"
        >
          <div className="flex h-full">
            <Sidebar user={user} theme={theme} onNavigate={() => setDrawerPath(null)} />
          </div>
          <Button
            variant="ghost"
            size="icon"
            className="absolute top-3 right-3"
            aria-label="Close menu"
            onClick={() => setDrawerPath(null)}
          >
            <X className="size-5" aria-hidden="true" />
          </Button>
        </Dialog>
      ) : null}
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-2.5 lg:hidden">
          <Button
            variant="ghost"
            size="icon"
            aria-label="Open menu"
            aria-expanded={drawer}
            data-testid="open-menu"
            onClick={() => setDrawerPath(pathname)}
          >
            <Menu className="size-5" aria-hidden="true" />
          </Button>
          <LogoMark className="size-7" />
          <span className="font-semibold tracking-tight">Todo AI Chatbot</span>
        </header>
        <ConnectionBanner />
        <div id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none">
          {children}
        </div>
        <Tabs />
      </div>
      <Toaster toasts={toasts} />
    </div>
  );
}

/** The pages, within reach of a thumb. */
function Tabs() {
  const { chat, tasks } = useApp();
  const pathname = usePathname();
  const { activeId } = useObservable(chat);
  const open = useObservable(tasks).tasks.filter((task) => !task.completed).length;
  return (
    <nav
      aria-label="Pages"
      className="grid shrink-0 grid-cols-2 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {TABS.map(({ path, label, icon: Icon }) => {
        const current = pathname === path || pathname?.startsWith(`${path}/`);
        return (
          <Link
            key={path}
            // Back to the conversation that is open.
            href={path === "/chat" && activeId ? `${path}/${activeId}` : path}
            aria-current={current ? "page" : undefined}
            className={`flex min-h-14 items-center justify-center gap-2 text-sm font-medium ${
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
          </Link>
        );
      })}
    </nav>
  );
}
