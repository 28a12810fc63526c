"use client";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";

/** Asks what becomes of changes that wait, before one signs out. */
export function SignOutDialog({
  count,
  onKeep,
  onDiscard,
  onClose,
}: {
  count: number;
  onKeep: () => void;
  onDiscard: () => void;
  onClose: () => void;
}) {
  const what = count === 1 ? "1 change hasn’t" : `${count} changes haven’t`;
  return (
    <Dialog
      label="Sign out?"
      onClose={onClose}
      className="m-auto w-[min(26rem,calc(100vw-2rem))] animate-appear rounded-2xl border border-line bg-surface shadow-pop"
    >
      <div className="p-5" data-testid="sign-out-dialog">
        <h2 className="text-base font-semibold">{what} been sent yet</h2>
        <p className="mt-1.5 text-sm text-ink-muted">
          They can stay in this browser and go out when you sign in here again. On somebody else’s
          computer, better discard them.
        </p>
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <Button variant="secondary" size="sm" onClick={onClose}>
            Stay signed in
          </Button>
          <Button variant="danger" size="sm" data-testid="sign-out-discard" onClick={onDiscard}>
            Discard and sign out
          </Button>
          <Button size="sm" data-testid="sign-out-keep" onClick={onKeep}>
            Keep and sign out
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
