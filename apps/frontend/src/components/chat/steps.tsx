"use client";

import { Check, ChevronDown, CircleAlert, LoaderCircle, Undo2 } from "lucide-react";
import { useState } from "react";
import { useApp } from "@/components/shell/app-provider";
import { Button } from "@/components/ui/button";
import { type Step, summarize } from "@/lib/chat/messages";
import type { StepApproval, StepEffect } from "@/lib/chat/protocol";

/** More steps than these are folded into one line once there is an answer in words. */
const MOST_UNFOLDED = 2;

/** What one can take back with a click. Adding is taken back by deleting, which every row offers. */
function undoOf(steps: readonly Step[]): { label: string; effects: StepEffect[] } | null {
  const effects = steps.flatMap(({ effect }) =>
    effect && (effect.action === "delete" || effect.action === "complete") ? [effect] : [],
  );
  if (effects.length === 0) return null;
  const count = effects.reduce((sum, { task_ids: ids }) => sum + ids.length, 0);
  return { label: count === 1 ? "Undo" : `Undo ${count} changes`, effects };
}

/** What the assistant did, a line for each step. */
export function Steps({ steps, folds }: { steps: readonly Step[]; folds: boolean }) {
  const lines = steps.map((step) => <StepLine key={step.id} step={step} />);
  const approval = steps.find((step) => step.approval)?.approval;
  return (
    <div className="my-1.5 space-y-1.5">
      {folds && steps.length > MOST_UNFOLDED ? (
        <details className="group/steps" data-testid="steps">
          <summary className="flex w-fit max-w-full list-none items-center gap-2 rounded-xl border border-line bg-surface px-3 py-1.5 text-sm pointer-coarse:min-h-11">
            <Check className="size-4 shrink-0 text-accent" aria-hidden="true" />
            <span className="min-w-0 break-words">{summarize(steps)}</span>
            <ChevronDown
              className="size-4 shrink-0 text-ink-muted group-open/steps:rotate-180"
              aria-hidden="true"
            />
          </summary>
          <div className="mt-1.5 space-y-1.5">{lines}</div>
        </details>
      ) : (
        lines
      )}
      <UndoSteps steps={steps} />
      {approval ? <Approval approval={approval} /> : null}
    </div>
  );
}

function StepLine({ step: { title, detail, done } }: { step: Step }) {
  const refused = title.startsWith("Not done");
  const Icon = refused ? CircleAlert : done ? Check : LoaderCircle;
  const color = refused ? "text-warning" : done ? "text-accent" : "animate-spin text-ink-muted";
  return (
    <p
      data-testid="tool-step"
      dir="auto"
      className="flex w-fit max-w-full items-start gap-2 rounded-xl border border-line bg-surface px-3 py-1.5 text-sm"
    >
      <Icon className={`mt-0.5 size-4 shrink-0 ${color}`} aria-hidden="true" />
      <span className="min-w-0 break-words">
        {title}
        {detail ? <span className="block text-ink-muted">{detail}</span> : null}
      </span>
    </p>
  );
}

function UndoSteps({ steps }: { steps: readonly Step[] }) {
  const { tasks } = useApp();
  const [state, setState] = useState<"offered" | "working" | "done">("offered");
  const undo = undoOf(steps);
  if (!undo) return null;
  if (state === "done") {
    return (
      <p role="status" data-testid="step-undone" className="text-sm text-ink-muted">
        Undone.
      </p>
    );
  }
  const run = async (): Promise<void> => {
    setState("working");
    let done = true;
    for (const effect of undo.effects) done = (await tasks.undo(effect)) && done;
    setState(done ? "done" : "offered");
  };
  return (
    <Button
      variant="secondary"
      size="sm"
      data-testid="step-undo"
      aria-disabled={state === "working"}
      onClick={() => state === "offered" && void run()}
    >
      <Undo2 className="size-4" aria-hidden="true" />
      {undo.label}
    </Button>
  );
}

/** Asks before the assistant does what can't be overlooked. */
function Approval({ approval }: { approval: StepApproval }) {
  const { chat } = useApp();
  const [answered, setAnswered] = useState(false);
  if (answered) return null;
  const answer = (approved: boolean, text: string): void => {
    setAnswered(true);
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
          onClick={() => answer(true, "Yes, delete them.")}
        >
          Delete them
        </Button>
        <Button
          variant="secondary"
          size="sm"
          data-testid="decline"
          onClick={() => answer(false, "No, keep them.")}
        >
          Keep them
        </Button>
      </div>
    </fieldset>
  );
}
