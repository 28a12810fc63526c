"use client";

import { CloudOff } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { countUnsent } from "@/lib/outbox/changes";
import { useObservable, useSelected } from "@/lib/use-observable";
import { useApp } from "./app-provider";

function waiting(count: number): string {
  if (count === 0) return "What you write is kept and goes out as soon as it is back.";
  const what = count === 1 ? "1 change is kept and goes" : `${count} changes are kept and go`;
  return `${what} out as soon as it is back.`;
}

/** Says that the back end is away, and that nothing is lost. */
export function ConnectionBanner() {
  const { connection, outbox } = useApp();
  const { status } = useObservable(connection);
  const count = useSelected(outbox, ({ changes }) => countUnsent(changes));
  const [trying, setTrying] = useState(false);
  const away = status === "away";
  const offline = away && !navigator.onLine;
  const tryNow = async (): Promise<void> => {
    setTrying(true);
    await connection.retryNow();
    setTrying(false);
  };
  return (
    <div role="status" aria-live="polite">
      {away ? (
        <div
          data-testid="banner-backend-away"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warning-soft px-4 py-2 text-sm text-warning"
        >
          <CloudOff className="size-4 shrink-0 animate-breathe" aria-hidden="true" />
          <span className="min-w-0 flex-1">
            {offline ? "You are offline. " : "The assistant can’t be reached. "}
            {waiting(count)}
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
