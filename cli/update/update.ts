import { refusalIn } from "../../blueprints/report";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import type { Session } from "../session/session";
import { type PodFailure, RolloutWatch } from "./rollout-watch";
import { SecretGuard } from "./secret-guard";

const RELEASE_STARTS = /kubernetes:helm\.sh\/v3:Release\s+\S+\s+(creating|updating) /;
const RELEASE_DONE = /kubernetes:helm\.sh\/v3:Release\s+\S+\s+(created|updated) /;
/** A line of an image's build, which has hundreds: one is shown now and then. */
const BUILD_LINE = /docker:index:Image (\S+) (?:creat|updat)(?:ing|ed) \(\d+s\).*? (#\d+ .*)$/;
const BUILD_FAILED = /docker:index:Image (\S+) \*\*(?:creating|updating) failed\*\*/;
/** Steps that were there already, and what BuildKit calls them. */
const BUILD_NOISE = / (sha256:|CACHED$|DONE |transferring )/;
const BUILD_LINE_EVERY_MS = 5_000;
const BUILD_LINES_TOLD = 12;
const NOISE = /^(@ updating|@ previewing|Duration:|\s*$)/;

/** How an update is to run. */
export interface UpdateOptions {
  /** Further arguments of `pulumi up`. */
  args?: readonly string[];
  env?: Record<string, string>;
  /** What `pulumi stack history` tells of it. */
  message?: string;
}

/**
 * Runs `pulumi up` and watches the pods meanwhile: a rollout that can't succeed is called off at once,
 * and a failure is told by the pod, the reason and the last it said.
 */
export async function update(session: Session, options: UpdateOptions = {}): Promise<void> {
  const { pulumi, cluster, stack } = session;
  let hopeless: PodFailure | undefined;
  const watch = new RolloutWatch(
    cluster,
    session.settings.delivery.kind !== "minikube",
    (line) => say(`    ${line}`),
    (failure) => {
      hopeless = failure;
      say(`✗ pod ${failure.pod}: ${failure.reason}; the rollout is called off and undone`);
      running.interrupt();
    },
  );
  let watching: Promise<void> | undefined;
  const shown = lineFilter();
  const guard = SecretGuard.before(session); // long done when Pulumi comes to the Secret
  const message = options.message === undefined ? [] : ["--message", options.message];
  const args = ["up", "--yes", "--skip-preview", ...message, ...(options.args ?? [])];
  const running = await pulumi.start(
    args,
    (line) => {
      if (RELEASE_STARTS.test(line)) watching ??= watch.run();
      if (RELEASE_DONE.test(line)) watch.succeeded();
      if (shown(line)) say(line);
    },
    options.env,
  );
  const code = await running.endedDespiteSignals();
  watch.stop();
  await watching;
  if (code === 0) return;
  const before = await guard;
  // Whoever has the lock may be about to roll out what the Secret has now.
  if (!isLocked(running.lines)) await before.restore();
  throw explain(running.lines, {
    stack,
    code,
    hasRelease: before.hasRelease,
    isStopped: running.isStopped,
    failure: hopeless ?? watch.failure,
  });
}

/** Tells which of Pulumi's lines a user wants to see. */
function lineFilter(): (line: string) => boolean {
  let last = 0;
  return (line) => {
    if (NOISE.test(line)) return false;
    if (!BUILD_LINE.test(line)) return true;
    if (Date.now() - last < BUILD_LINE_EVERY_MS) return false;
    last = Date.now();
    return true;
  };
}

function isLocked(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes("the stack is currently locked by"));
}

/** What is known of an update that failed, beside Pulumi's output. */
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

/** Turns Pulumi's output, and what was seen of the pods, into one error with a next step. */
export function explain(
  lines: readonly string[],
  { stack, code, hasRelease, isStopped = false, failure }: FailedUpdate,
): UserError {
  const text = lines.join("\n");
  const again = `npm run up -- --stack ${stack}`;
  if (isLocked(lines)) {
    return new UserError({
      what: `stack "${stack}" is locked`,
      why: "another update is under way, or one was killed",
      next: `wait for the other one; if there is none: npm run unlock -- --stack ${stack}`,
    });
  }
  const refused = refusalIn(lines);
  if (refused !== undefined) {
    return new UserError({
      what: `stack "${stack}" breaks the blueprints`,
      why: refused,
      next: `mend it, then ${again}; docs/blueprints.md says how a finding is accepted for a while`,
    });
  }
  const canceled = isStopped || /error: update canceled/.test(text);
  // A rollout that can't succeed is called off by this program, any other by the user.
  if (failure && (failure.hopeless || !canceled)) {
    return new UserError({
      what: hasRelease
        ? "the rollout failed, and the release before it serves again"
        : "the first rollout failed, and was taken away again",
      why: [`pod ${failure.pod}: ${failure.reason}`, ...failure.details].join("\n"),
      next: `mend the cause, then ${again}`,
    });
  }
  if (canceled) {
    return new UserError({
      what: `the update of stack "${stack}" was stopped`,
      why: "it was interrupted; Pulumi kept what was done, and Helm undid a release that was half-way",
      next: `${again} goes on from there`,
      exitCode: 130,
    });
  }
  if (
    /another operation \(install\/upgrade\/rollback\) is in progress|pending-(upgrade|install|rollback)/.test(
      text,
    )
  ) {
    return new UserError({
      what: "an earlier update was killed half-way",
      why: "its Helm release is still pending",
      next: `npm run unlock -- --stack ${stack}, then ${again}`,
    });
  }
  const errors = lines.filter((line) => /^\s*error:/.test(line)).map((line) => line.trim());
  const failedImage = BUILD_FAILED.exec(lines.find((line) => BUILD_FAILED.test(line)) ?? "")?.[1];
  if (failedImage) {
    const build = lines.flatMap((line) => {
      const [, image, output = ""] = BUILD_LINE.exec(line) ?? [];
      return image === failedImage && !BUILD_NOISE.test(output) ? [output.trim()] : [];
    });
    return new UserError({
      what: `the image of the ${failedImage} doesn't build, and nothing was deployed`,
      why: [...new Set([...build.slice(-BUILD_LINES_TOLD), ...errors])].join("\n"),
      next: `mend apps/${failedImage}, then ${again}`,
    });
  }
  return new UserError({
    what: `pulumi up failed for stack "${stack}"`,
    why: [...new Set(errors)].slice(0, 5).join("\n") || `exit code ${code}; its output is above`,
    next: `mend the cause, then ${again}`,
  });
}
