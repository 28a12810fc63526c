"use client";

import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { hasSingleKeys, setSingleKeys } from "@/lib/single-keys";

/** What the sheet lists; `mod` is Ctrl, or Command on a Mac. */
const SHEET: readonly { keys: string; text: string }[] = [
  { keys: "?", text: "This list" },
  { keys: "n", text: "Add a task" },
  { keys: "/", text: "Search tasks" },
  { keys: "c", text: "Write to the assistant" },
  { keys: "Ctrl+Shift+O", text: "New chat" },
  { keys: "g then c", text: "Go to the chat" },
  { keys: "g then t", text: "Go to all tasks" },
  { keys: "Ctrl+Z", text: "Undo the last thing, as long as a message offers it" },
  { keys: "Alt+T", text: "Go to the newest message" },
  { keys: "j and k", text: "Next and previous task in the list" },
  { keys: "e", text: "Edit the task that has the focus" },
  { keys: "Alt+↑ and Alt+↓", text: "Move the task that has the focus, in “My order”" },
  { keys: "Delete", text: "Delete the task that has the focus" },
  { keys: "Esc", text: "Stop the answer, or close what is open" },
];

/** Lists the keyboard's short ways, and turns those off that are a character alone. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const [single, setSingle] = useState(hasSingleKeys);
  return (
    <Dialog
      label="Keyboard shortcuts"
      onClose={onClose}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-2xl border border-line bg-surface shadow-pop"
    >
      <div className="p-5" data-testid="shortcut-sheet">
        <div className="flex items-center justify-between">
          <h2 className="text-base font-semibold">Keyboard shortcuts</h2>
          <Button variant="ghost" size="icon" aria-label="Close" onClick={onClose}>
            <X className="size-5" aria-hidden="true" />
          </Button>
        </div>
        <dl className="mt-3 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2 text-sm">
          {SHEET.map(({ keys, text }) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="rounded-md border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs whitespace-nowrap">
                  {keys}
                </kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <label className="mt-4 flex min-h-11 items-center gap-2.5 border-t border-line pt-3 text-sm">
          <input
            type="checkbox"
            className="size-4.5 accent-accent"
            data-testid="single-keys"
            checked={single}
            onChange={({ target }) => {
              setSingleKeys(target.checked);
              setSingle(target.checked);
            }}
          />
          Use single keys, such as n or ?, in this browser
        </label>
      </div>
    </Dialog>
  );
}
