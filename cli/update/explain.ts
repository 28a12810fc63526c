import { DISK_FULL, UserError } from "../../common/errors";
import type { Outcome } from "./outcome";
import type { PodFailure } from "./rollout-watch";

const REASONS_TOLD = 5;

/** What is known of an update that failed, beside the engine's events. */
export interface FailedUpdate {
  stack: string;
  /** Pulumi's exit code. */
  code: number;
  /** Whether a release was there before, which Helm goes back to. */
  hasRelease: boolean;
  /** Whether the user has stopped it. */
  isStopped?: boolean;
  /** Why a pod didn't become ready, where one was seen that didn't. */
  failure?: PodFailure | undefined;
}

/** Turns what the engine has told, and what was seen of the pods, into one error with a next step. */
export function explain(
  outcome: Outcome,
  { stack, code, hasRelease, isStopped = false, failure }: FailedUpdate,
): UserError {
  const again = `npm run up -- --stack ${stack}`;
  if (outcome.lock !== undefined) {
    return new UserError({
      what: `stack "${stack}" is locked`,
      why: `another update is under way, or one was killed\n${outcome.lock}`,
      next: `wait for the other one; if there is none: npm run unlock -- --stack ${stack}`,
    });
  }
  if (outcome.leavesPlan) {
    return new UserError({
      what: "this isn't what was reviewed, and nothing of it was deployed",
      why: outcome.reasons.slice(0, REASONS_TOLD).join("\n"),
      next: `review it again: npm run preview -- --stack ${stack} --save plan.json`,
    });
  }
  if (outcome.refusal !== undefined) {
    return new UserError({
      what: `stack "${stack}" breaks the blueprints`,
      why: outcome.refusal,
      next: `mend it, then ${again}; docs/blueprints.md says how a finding is accepted for a while`,
    });
  }
  const isCanceled = isStopped || outcome.isCanceled;
  // A rollout that can't succeed is called off by this program, any other by the user.
  if (failure && (failure.hopeless || !isCanceled)) {
    return new UserError({
      what: hasRelease
        ? "the rollout failed, and the release before it serves again"
        : "the first rollout failed, and was taken away again",
      why: [`pod ${failure.pod}: ${failure.reason}`, ...failure.details].join("\n"),
      next: `mend the cause, then ${again}`,
    });
  }
  if (isCanceled) {
    return new UserError({
      what: `the update of stack "${stack}" was stopped`,
      why: "it was interrupted; Pulumi kept what was done, and Helm undid a release that was half-way",
      next: `${again} goes on from there`,
      exitCode: 130,
    });
  }
  if (outcome.isReleasePending) {
    return new UserError({
      what: "an earlier update was killed half-way",
      why: "its Helm release is still pending",
      next: `npm run unlock -- --stack ${stack}, then ${again}`,
    });
  }
  if (outcome.fullDisk !== undefined)
    return new UserError({ ...DISK_FULL, why: outcome.fullDisk.trim() });
  const build = outcome.failedBuild;
  if (build) {
    return new UserError({
      what: `the image of the ${build.name} doesn't build, and nothing was deployed`,
      why: build.lines.join("\n"),
      next: `mend apps/${build.name}, then ${again}`,
    });
  }
  return new UserError({
    what: `pulumi up failed for stack "${stack}"`,
    why:
      outcome.reasons.slice(0, REASONS_TOLD).join("\n") || `exit code ${code}; its output is above`,
    next: `mend the cause, then ${again}`,
  });
}
