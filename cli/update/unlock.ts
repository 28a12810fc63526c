import { hostname as thisHost } from "node:os";
import { UserError } from "../../common/errors";
import { step } from "../../common/progress";
import type { Pulumi } from "../session/pulumi";
import { isPulumi } from "./repair";

const LOCKED =
  /is currently locked by|Another update is currently in progress|\b409\b.*[Cc]onflict/;
const HOLDER = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;

/**
 * Releases the lock in a backend that several people may share, where its holder has ended: one of this machine's
 * processes that is no more. Any other may be at work.
 * @param isForced whether it is released whoever holds it
 * @throws UserError naming the holder of a lock that isn't released
 */
export async function releaseSharedLock(pulumi: Pulumi, isForced: boolean): Promise<void> {
  const held = await heldLock(pulumi);
  if (held === undefined) return;
  const holders = [...held.matchAll(HOLDER)].map(
    ([, user = "", host = "", pid = "", since = ""]) => ({
      ...{ user, host, pid: Number(pid), since },
    }),
  );
  const ended = holders.map(({ host, pid }) => host === thisHost() && !isPulumi(pid));
  if (!isForced && (holders.length === 0 || ended.includes(false)))
    throw new UserError({
      what: `stack "${pulumi.stack}" is being updated`,
      why:
        holders
          .map(
            ({ user, host, pid, since }) =>
              `process ${pid} of ${user} on ${host} has its lock since ${since}`,
          )
          .join("\n") || held,
      next: `wait for it, or ask who started it; only where that update has surely died: npm run unlock -- --stack ${pulumi.stack} --force`,
    });
  await step("Pulumi's lock is released", () => pulumi.quiet(["cancel", "--yes"]));
}

/** What Pulumi says of the lock; undefined where nobody has it. A refresh of nothing takes it, and does no more. */
async function heldLock(pulumi: Pulumi): Promise<string | undefined> {
  const nothing = `urn:pulumi:${pulumi.stack}::none::none:none:None::none`;
  const args = ["refresh", "--yes", "--skip-preview", "--target", nothing];
  const { stdout, stderr } = await pulumi.try(args);
  const said = `${stderr}\n${stdout}`.trim();
  return LOCKED.test(said) ? said : undefined;
}
