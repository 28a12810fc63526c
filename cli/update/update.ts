import { say } from "../../common/progress";
import { TYPES } from "../../components/names";
import type { Session } from "../session/session";
import { explain } from "./explain";
import { follow } from "./follow";
import { type PodFailure, RolloutWatch } from "./rollout-watch";
import { SecretGuard } from "./secret-guard";

/** Operations that make pods. */
const ROLLS_OUT: readonly string[] = ["create", "update", "create-replacement"];

/** How an update is to run. */
export interface UpdateOptions {
  /** Further arguments of `pulumi up`. */
  args?: readonly string[];
  env?: Record<string, string>;
  /** Gives what `pulumi stack history` tells of it. */
  message: () => Promise<string>;
}

/**
 * Runs `pulumi up` and watches the pods meanwhile: a rollout that can't succeed is called off at once,
 * and a failure is told by the pod, the reason and the last it said.
 */
export async function update(session: Session, options: UpdateOptions): Promise<void> {
  const { pulumi, cluster, stack } = session;
  let hopeless: PodFailure | undefined;
  let watching: Promise<void> | undefined;
  const isLoaded = session.settings.delivery.kind === "minikube";
  // All look at what is there before anything is changed.
  const looks = {
    guard: SecretGuard.before(session),
    watch: RolloutWatch.from(cluster, {
      isLoaded,
      grows: !isLoaded,
      onProgress: (line) => say(`    ${line}`),
      onHopeless: (failure) => {
        hopeless = failure;
        say(`✗ pod ${failure.pod}: ${failure.reason}; the rollout is called off and undone`);
        followed.running.interrupt();
      },
    }),
    message: options.message(),
  };
  for (const look of Object.values(looks)) look.catch(() => undefined); // the first that is awaited tells
  const before = await looks.guard;
  const watch = await looks.watch;
  const message = await looks.message;
  const args = ["up", "--yes", "--skip-preview", "--message", message, ...(options.args ?? [])];
  const followed = await follow(pulumi, args, options.env, (event) => {
    if (event.kind !== "begins" && event.kind !== "ended") return;
    const { type, op } = event.step;
    if (type !== TYPES.release || !ROLLS_OUT.includes(op)) return;
    if (event.kind === "begins") watching ??= watch.run();
    else watch.succeeded();
  });
  const code = await followed.ended;
  watch.stop();
  await watching;
  if (code === 0) return;
  const { outcome, running } = followed;
  // Whoever has the lock may be about to roll out what the Secret has now.
  if (outcome.lock === undefined) await before.restore();
  throw explain(outcome, {
    stack,
    code,
    hasRelease: before.hasRelease,
    isStopped: running.isStopped,
    failure: hopeless ?? watch.failure,
  });
}
