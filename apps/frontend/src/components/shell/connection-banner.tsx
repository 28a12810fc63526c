"use client";

import { CloudOff } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useKeptFocus } from "@/components/ui/focus";
import { countUnsent } from "@/lib/outbox/changes";
import { useObservable, useSelected } from "@/lib/use-observable";
import { useApp } from "./app-provider";

function waiting(count: number, durable: boolean): string {
  if (!durable) {
    const what = count === 1 ? "1 change waits" : `${count} changes wait`;
    return `${what} and can’t be kept by this browser. Leave the page open until it is back.`;
  }
  if (count === 0) return "What you write is kept and goes out as soon as it is back.";
  const what = count === 1 ? "1 change is kept and goes" : `${count} changes are kept and go`;
  return `${what} out as soon as it is back.`;
}

const toMain = (): void => document.getElementById("main")?.focus({ preventScroll: true });

/** Says that the back end is away, and what becomes of what one writes meanwhile. */
export function ConnectionBanner() {
  const { connection, outbox } = useApp();
  const { status } = useObservable(connection);
  const count = useSelected(outbox, ({ changes }) => countUnsent(changes));
  const durable = useSelected(outbox, (state) => state.durable);
  const banner = useRef<HTMLDivElement>(null);
  const [trying, setTrying] = useState(false);
  const away = status === "away";
  const offline = away && !navigator.onLine;
  const tryNow = async (): Promise<void> => {
    setTrying(true);
    await connection.retryNow();
    setTrying(false);
  };
  return (
    <div ref={banner} role="status" aria-live="polite" {...useKeptFocus(banner, toMain)}>
      {away ? (
        <div
          data-testid="banner-backend-away"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 print:hidden border-b border-line bg-warning-soft px-4 py-2 text-sm text-warning"
        >
          <CloudOff className="size-4 shrink-0 animate-breathe" aria-hidden="true" />
          <span className="min-w-0 flex-1">
            {offline ? "You are offline. " : "The assistant can’t be reached. "}
            {waiting(count, durable)}
          </span>
          <Button
            variant="ghost"
            size="sm"
            className="text-warning underline underline-offset-2"
            aria-disabled={trying}
            onClick={() => void tryNow()}
          >
            {trying ? "Trying…" : "Try now"}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
