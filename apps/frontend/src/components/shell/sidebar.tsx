"use client";

import { ListTodo, LogOut, SquarePen } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useState } from "react";
import { ThreadList } from "@/components/chat/thread-list";
import { Button, buttonStyle } from "@/components/ui/button";
import { LogoMark } from "@/components/ui/logo";
import { signOut } from "@/lib/auth-client";
import type { Theme } from "@/lib/theme";
import { useApp } from "./app-provider";
import type { ShellUser } from "./app-shell";
import { ThemeToggle } from "./theme-toggle";

/** Navigation: new chat, tasks, the conversations, and the account. */
export function Sidebar({
  user,
  theme,
  onNavigate,
}: {
  user: ShellUser;
  theme: Theme;
  onNavigate?: () => void;
}) {
  const { chat, tasks, toasts, drafts } = useApp();
  const router = useRouter();
  const pathname = usePathname();
  const [leaving, setLeaving] = useState(false);

  const show = (threadId: string | null): void => {
    void chat.open(threadId);
    if (!pathname?.startsWith("/chat")) {
      router.push(threadId === null ? "/chat" : `/chat/${threadId}`);
    }
    onNavigate?.();
  };

  const leave = async (): Promise<void> => {
    setLeaving(true);
    toasts.flush(); // what waits for its Undo can't be done any more once one is signed out
    await tasks.settled();
    if (await signOut()) {
      drafts.save("");
      window.location.assign("/sign-in");
      return;
    }
    setLeaving(false);
    toasts.show({
      message: "You couldn't be signed out. Check your connection and try again.",
      tone: "danger",
    });
  };

  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <div className="flex h-14 shrink-0 items-center gap-2.5 px-4">
        <LogoMark className="size-7" />
        <span className="font-semibold tracking-tight">Todo AI Chatbot</span>
      </div>
      <nav aria-label="Main" className="space-y-1 px-3 pb-3">
        <Button
          variant="secondary"
          size="sm"
          className="w-full justify-start!"
          data-testid="new-thread"
          onClick={() => show(null)}
        >
          <SquarePen className="size-4" aria-hidden="true" />
          New chat
        </Button>
        <Link
          href="/tasks"
          {...(onNavigate ? { onClick: onNavigate } : {})}
          aria-current={pathname === "/tasks" ? "page" : undefined}
          className={`${buttonStyle({ variant: "ghost", size: "sm" })} w-full justify-start! hover:bg-raised aria-[current]:bg-raised aria-[current]:text-ink`}
        >
          <ListTodo className="size-4" aria-hidden="true" />
          All tasks
        </Link>
      </nav>
      <ThreadList onOpen={show} />
      <div className="flex shrink-0 items-center gap-1 border-t border-line p-3">
        <div className="min-w-0 flex-1 pl-1 leading-tight">
          <p className="truncate text-sm font-medium">{user.name}</p>
          <p className="truncate text-xs text-ink-muted">{user.email}</p>
        </div>
        <ThemeToggle initial={theme} />
        <Button
          variant="ghost"
          size="icon"
          aria-label="Sign out"
          title="Sign out"
          data-testid="sign-out"
          disabled={leaving}
          onClick={() => void leave()}
        >
          <LogOut className="size-4.5" aria-hidden="true" />
        </Button>
      </div>
    </div>
  );
}
