"use client";

import { RotateCcw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { LogoMark } from "@/components/ui/logo";

/** Shown instead of a page that failed. */
export function ErrorScreen() {
  return (
    <main className="grid min-h-dvh flex-1 place-items-center px-4 text-center">
      <div>
        <LogoMark className="mx-auto size-12" />
        <h1 className="mt-4 text-xl font-semibold tracking-tight">This didn’t work</h1>
        <p className="mt-1.5 max-w-sm text-ink-muted text-balance">
          Something is wrong on our side. Nothing you saved is lost; trying again in a moment
          usually helps.
        </p>
        <Button className="mt-5" onClick={() => window.location.reload()}>
          <RotateCcw className="size-4" aria-hidden="true" />
          Try again
        </Button>
      </div>
    </main>
  );
}
