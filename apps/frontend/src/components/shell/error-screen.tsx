"use client";

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
        {/* Without an icon: each page loads this for the worst case, and would load all that icons need twice. */}
        <Button className="mt-5" onClick={() => window.location.reload()}>
          Try again
        </Button>
      </div>
    </main>
  );
}
