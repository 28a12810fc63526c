"use client";

import { CloudOff } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useObservable } from "@/lib/use-observable";
import { useApp } from "./app-provider";

/** Says that the back end is away, and that nothing typed is lost. */
export function ConnectionBanner() {
  const { connection } = useApp();
  const { status } = useObservable(connection);
  return (
    <div role="status" aria-live="polite">
      {status === "away" ? (
        <div
          data-testid="banner-backend-away"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warning-soft px-4 py-2 text-sm text-warning"
        >
          <CloudOff className="size-4 shrink-0 animate-breathe" aria-hidden="true" />
          <span className="min-w-0 flex-1">
            The assistant can’t be reached. What you wrote is kept and goes out as soon as it is
            back.
          </span>
          <Button
            variant="ghost"
            size="sm"
            className="text-warning underline underline-offset-2"
            onClick={() => void connection.retryNow()}
          >
            Try now
          </Button>
        </div>
      ) : null}
    </div>
  );
}
