"use client";

import { Check, ChevronDown, CircleAlert, LoaderCircle, Undo2 } from "lucide-react";
import { useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { isRefused, type Step, summarize } from "@/lib/chat/messages";
import type { StepApproval, StepEffect } from "@/lib/chat/protocol";
import { useSelected } from "@/lib/use-observable";

/** What one can take back with a click. Adding is taken back by deleting, which every row offers. */
function effectsToUndo(steps: readonly Step[]): StepEffect[] {
  return steps.flatMap(({ effect }) => (effect && canBeUndone(effect) ? [effect] : []));
}

function canBeUndone({ action, before }: StepEffect): boolean {
  // What a task was isn't known of every change: not of one that an earlier version has made.
  return action === "delete" || action === "complete" || (action === "update" && Boolean(before));
}

/**
 * What the assistant did: a line for each step, and one line for all of them once there is an answer.
 * A question among them is asked in the conversation's last message: whatever follows has answered it.
 */
export function Steps({
  steps,
  folds,
  last,
}: {
  steps: readonly Step[];
  folds: boolean;
  last: boolean;
}) {
  const lines = steps.map((step) => <StepLine key={step.id} step={step} />);
  const approval = last ? steps.find((step) => step.approval)?.approval : undefined;
  const effects = effectsToUndo(steps);
  return (
    <div className="my-1.5 space-y-1.5">
      <div className="flex flex-wrap items-start gap-x-1 gap-y-1.5">
        {folds && steps.length > 1 ? (
          <details className="group/steps min-w-0" data-testid="steps">
            <summary className={`${PILL} list-none pointer-coarse:min-h-11`}>
              <StepIcon refused={steps.some(isRefused)} done />
              <span dir="auto" className="min-w-0 break-words">
                {summarize(steps)}
              </span>
              <ChevronDown
                className="size-4 shrink-0 text-ink-muted group-open/steps:rotate-180"
                aria-hidden="true"
              />
            </summary>
            <div className="mt-1.5 space-y-1.5">{lines}</div>
          </details>
        ) : (
          <div className="min-w-0 space-y-1.5">{lines}</div>
        )}
        {effects.length > 0 ? <UndoSteps effects={effects} /> : null}
      </div>
      {approval ? <Approval approval={approval} /> : null}
    </div>
  );
}

const PILL =
  "flex w-fit max-w-full items-center gap-2 rounded-xl border border-line bg-surface px-3 py-1.5 text-sm";

function StepIcon({ refused, done }: { refused: boolean; done: boolean }) {
  const Icon = refused ? CircleAlert : done ? Check : LoaderCircle;
  const color = refused ? "text-warning" : done ? "text-accent" : "animate-spin text-ink-muted";
  return <Icon className={`size-4 shrink-0 ${color}`} aria-hidden="true" />;
}

function StepLine({ step }: { step: Step }) {
  const { title, detail, done } = step;
  return (
    <p data-testid="tool-step" dir="auto" className={PILL}>
      <StepIcon refused={isRefused(step)} done={done} />
      <span className="min-w-0 break-words">
        {title}
        {detail ? <span className="block text-ink-muted">{detail}</span> : null}
      </span>
    </p>
  );
}

function UndoSteps({ effects }: { effects: readonly StepEffect[] }) {
  const { tasks } = useApp();
  const [state, setState] = useState<"offered" | "working" | "done">("offered");
  if (state === "done") {
    return (
      <p role="status" data-testid="step-undone" className="px-2 py-1.5 text-sm text-ink-muted">
        Undone.
      </p>
    );
  }
  const run = async (): Promise<void> => {
    setState("working");
    let done = true;
    // What was done last is taken back first: only a task that is there again can be opened again.
    for (const effect of effects.toReversed()) done = (await tasks.undo(effect)) && done;
    setState(done ? "done" : "offered");
  };
  return (
    <Button
      variant="ghost"
      size="sm"
      className="px-2! text-accent! pointer-coarse:min-h-11 print:hidden"
      data-testid="step-undo"
      aria-disabled={state === "working"}
      onClick={() => state === "offered" && void run()}
    >
      <Undo2 className="size-4" aria-hidden="true" />
      Undo
    </Button>
  );
}

/** Asks before the assistant does what can't be overlooked. */
function Approval({ approval }: { approval: StepApproval }) {
  const { chat } = useApp();
  // Nothing can be sent while an answer is under way, be it the one that asks.
  const waits = useSelected(chat.active, ({ run }) => run !== "idle");
  const answer = (approved: boolean, text: string): void => {
    if (waits) return;
    void chat.send(text, { approval: { id: approval.id, approved } });
  };
  return (
    <fieldset
      className="rounded-xl border border-line bg-surface p-3 text-sm"
      data-testid="approval"
    >
      <legend className="sr-only">Delete these tasks?</legend>
      <ul className="list-disc pl-5">
        {approval.titles.map((title, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two tasks may have one title
          <li key={index} dir="auto">
            {title}
          </li>
        ))}
      </ul>
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button
          variant="danger"
          size="sm"
          data-testid="approve"
          aria-disabled={waits}
          onClick={() => answer(true, "Yes, delete them.")}
        >
          Delete them
        </Button>
        <Button
          variant="secondary"
          size="sm"
          data-testid="decline"
          aria-disabled={waits}
          onClick={() => answer(false, "No, keep them.")}
        >
          Keep them
        </Button>
      </div>
    </fieldset>
  );
}
