"use client";

import { Keyboard, ListTodo, LogOut, SquarePen } from "lucide-react";
import { usePathname } from "next/navigation";
import { type ComponentProps, type ComponentType, useCallback, useState } from "react";
import { ThreadList } from "@/components/chat/thread-list";
import { Button, buttonStyle } from "@/components/ui/button";
import { LogoMark } from "@/components/ui/logo";
import { chatPath, goTo } from "@/lib/navigation";
import { countUnsent } from "@/lib/outbox/changes";
import { signOut } from "@/lib/sign-out";
import type { Theme } from "@/lib/theme";
import { useApp } from "./app-provider";
import { NavLink } from "./nav-link";
import { openShortcutSheet } from "./shortcuts";
import type { SignOutDialog } from "./sign-out-dialog";
import { ThemeToggle } from "./theme-toggle";
import type { ShellUser } from "./user";

/** How long changes that can still go out are waited for before one is asked about them, in milliseconds. */
const SETTLE_MS = 1_500;

/** Navigation: new chat, tasks, the conversations, and the account. */
export function Sidebar({
  user,
  theme,
  onNewChat,
  onNavigate,
}: {
  user: ShellUser;
  theme: Theme;
  onNewChat: () => void;
  onNavigate?: () => void;
}) {
  const { userId, outbox, tasks, toasts, drafts } = useApp();
  const pathname = usePathname();
  const [leaving, setLeaving] = useState(false);
  const [Asking, setAsking] = useState<ComponentType<ComponentProps<typeof SignOutDialog>> | null>(
    null,
  );

  const open = useCallback(
    (threadId: string): void => {
      goTo(chatPath(threadId));
      onNavigate?.();
    },
    [onNavigate],
  );

  const leave = async (discard = false): Promise<void> => {
    setAsking(null);
    setLeaving(true);
    if (await signOut(userId)) {
      if (discard) outbox.clear();
      drafts.clear();
      window.location.assign("/sign-in");
      return;
    }
    stay();
  };

  const stay = (): void => {
    setLeaving(false);
    toasts.show({
      message: "You couldn't be signed out. Check your connection and try again.",
      tone: "danger",
    });
  };

  const askOrLeave = async (): Promise<void> => {
    if (leaving) return;
    setLeaving(true);
    const limit = new Promise<void>((resolve) => setTimeout(resolve, SETTLE_MS));
    await Promise.race([tasks.settled(), limit]);
    // The session ends for all tabs, and with it what the others have.
    if (countUnsent(outbox.all()) === 0) return leave();
    try {
      const { SignOutDialog } = await import("./sign-out-dialog");
      setAsking(() => SignOutDialog);
      setLeaving(false);
    } catch {
      stay();
    }
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
          className="w-full justify-start! pointer-coarse:min-h-11"
          data-testid="new-thread"
          onClick={onNewChat}
        >
          <SquarePen className="size-4" aria-hidden="true" />
          New chat
        </Button>
        <NavLink
          href="/tasks"
          onClick={() => onNavigate?.()}
          aria-current={pathname === "/tasks" ? "page" : undefined}
          className={`${buttonStyle({ variant: "ghost", size: "sm" })} w-full justify-start! hover:bg-raised aria-[current]:bg-raised aria-[current]:text-ink pointer-coarse:min-h-11`}
        >
          <ListTodo className="size-4" aria-hidden="true" />
          All tasks
        </NavLink>
      </nav>
      <ThreadList onOpen={open} />
      <div className="flex shrink-0 items-center border-t border-line p-2">
        <a
          href="/account"
          data-testid="account"
          className="flex min-h-11 min-w-0 flex-1 flex-col justify-center rounded-xl px-2 leading-tight hover:bg-raised"
        >
          <span dir="auto" className="truncate text-sm font-medium">
            {user.name}
          </span>
          <span className="truncate text-xs text-ink-muted">{user.email}</span>
        </a>
        <Button
          variant="ghost"
          size="icon"
          className="pointer-coarse:hidden"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          data-testid="shortcuts"
          onClick={openShortcutSheet}
        >
          <Keyboard className="size-4.5" aria-hidden="true" />
        </Button>
        <ThemeToggle initial={theme} />
        <Button
          variant="ghost"
          size="icon"
          aria-label="Sign out"
          title="Sign out"
          data-testid="sign-out"
          aria-disabled={leaving}
          onClick={() => void askOrLeave()}
        >
          <LogOut className="size-4.5 rtl:-scale-x-100" aria-hidden="true" />
        </Button>
      </div>
      {Asking ? (
        <Asking
          count={countUnsent(outbox.all())}
          onClose={() => setAsking(null)}
          onKeep={() => void leave()}
          onDiscard={() => void leave(true)}
        />
      ) : null}
    </div>
  );
}
