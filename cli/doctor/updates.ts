import { type Damage, inspectDamage } from "../update/repair";
import { check } from "./check";
import { type Finding, ok, problem, warning } from "./finding";

/** What updates that were killed, or others' hands, have left. */
export const updates = check(
  "locks and pending operations",
  ["session", "cluster"],
  async ({ session }) => {
    const damage = await inspectDamage(session);
    const findings = [...locks(damage, session.stack), ...pending(damage, session.stack)];
    if (findings.length > 0) return findings;
    const elsewhere = session.pulumi.isLocal ? "" : " here; the lock is where the state is";
    return [ok("locks and pending operations", `none${elsewhere}`)];
  },
);

function locks({ liveLocks, staleLocks }: Damage, stack: string): Finding[] {
  const live = liveLocks.map(({ pid, timestamp }) =>
    warning(
      "lock",
      `an update (process ${pid}) is under way since ${timestamp}`,
      "wait for it, or end it with Ctrl-C",
    ),
  );
  if (staleLocks.length === 0) return live;
  return [...live, problem("lock", "left by an update that was killed", unlock(stack))];
}

function pending(
  { pendingRelease, pendingOperations, vanished }: Damage,
  stack: string,
): Finding[] {
  return [
    ...(pendingRelease === undefined
      ? []
      : [problem("Helm release", pendingRelease, unlock(stack))]),
    ...(pendingOperations === 0
      ? []
      : [problem("Pulumi's state", `${pendingOperations} pending operation(s)`, unlock(stack))]),
    ...vanished.map((what) =>
      problem("Pulumi's state", what, `npm run up -- --stack ${stack} brings it back`),
    ),
  ];
}

function unlock(stack: string): string {
  return `npm run unlock -- --stack ${stack}`;
}
