import { readdirSync, readFileSync } from "node:fs";
import { hostname as thisHost } from "node:os";
import { join } from "node:path";
import { UserError } from "../common/errors";
import { step } from "../common/progress";
import { run } from "../common/run";
import { STATE_FOLDER } from "../components/state-folder";
import type { Session } from "./session";
import { PROJECT, ROOT } from "./workspace";

const RELEASE = "todo-app";

/** A lock file of Pulumi's file backend. */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** What is left of an update that was killed. */
export interface Damage {
  /** Locks whose process has ended. */
  staleLocks: Lock[];
  /** Locks of updates that are still under way. */
  liveLocks: Lock[];
  /** Status of the Helm release, where it is pending. */
  pendingRelease: string | undefined;
  /** Operations that Pulumi began and doesn't know the end of. */
  pendingOperations: number;
}

/** Looks for what a killed update leaves behind; changes nothing. */
export async function inspectDamage(session: Session): Promise<Damage> {
  const locks = readLocks(session.stack);
  return {
    staleLocks: locks.filter((lock) => !isAlive(lock)),
    liveLocks: locks.filter(isAlive),
    pendingRelease: await pendingRelease(session),
    pendingOperations: pendingOperations(session),
  };
}

/** Repairs what a killed update has left behind, and names what was done. */
export async function repairStack(session: Session): Promise<string[]> {
  const { pulumi, stack } = session;
  const damage = await inspectDamage(session);
  const [live] = damage.liveLocks;
  if (live) {
    throw new UserError({
      what: `stack "${stack}" is being updated`,
      why: `process ${live.pid} of ${live.username} has worked on it since ${live.timestamp}`,
      next: "wait for it, or end it with Ctrl-C",
    });
  }
  const done: string[] = [];
  const repair = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    await step(name, work);
    done.push(name);
  };
  if (damage.staleLocks.length > 0)
    await repair("Pulumi's lock is released", () => pulumi.quiet(["cancel", "--yes"]));
  if (damage.pendingRelease !== undefined)
    await repair(
      `the Helm release, ${damage.pendingRelease}, goes back to its last good revision`,
      () => settleRelease(session),
    );
  if (damage.pendingOperations > 0 || damage.pendingRelease !== undefined)
    await repair("Pulumi's state is compared with the cluster", () =>
      pulumi.quiet(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]),
    );
  return done;
}

/** A release that never had a good revision is taken away, another goes back to the last one. */
async function settleRelease({ cluster, settings, tools }: Session): Promise<void> {
  const helm = (args: readonly string[]): Promise<string> =>
    run(
      "helm",
      [...args, "--namespace", cluster.namespace, "--kube-context", settings.kubeContext],
      {
        env: tools.env,
      },
    );
  const history = JSON.parse(await helm(["history", RELEASE, "--output", "json"])) as {
    revision: number;
    status: string;
  }[];
  const good = history
    .filter(({ status }) => status === "deployed" || status === "superseded")
    .pop();
  if (good) await helm(["rollback", RELEASE, String(good.revision), "--wait", "--timeout", "120s"]);
  else await helm(["uninstall", RELEASE, "--wait", "--timeout", "60s"]);
}

async function pendingRelease({ cluster }: Session): Promise<string | undefined> {
  const secrets = await cluster.list<{ metadata: { labels: Record<string, string> } }>(
    "secrets",
    "--selector",
    `owner=helm,name=${RELEASE}`,
  );
  const newest = secrets
    .map(({ metadata }) => metadata.labels)
    .sort((a, b) => Number(a.version) - Number(b.version))
    .pop();
  return newest?.status?.startsWith("pending-") ? newest.status : undefined;
}

function pendingOperations({ pulumi }: Session): number {
  try {
    const { checkpoint } = JSON.parse(readFileSync(pulumi.checkpointFile(), "utf8")) as {
      checkpoint: { latest?: { pending_operations?: unknown[] } };
    };
    return checkpoint.latest?.pending_operations?.length ?? 0;
  } catch {
    return 0; // no state, or another backend's
  }
}

function readLocks(stack: string): Lock[] {
  const folder = join(ROOT, STATE_FOLDER, ".pulumi", "locks", "organization", PROJECT, stack);
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Lock);
  } catch {
    return [];
  }
}

/** Whether the process that holds a lock still runs; on another machine it is taken to. */
function isAlive({ pid, hostname }: Lock): boolean {
  if (hostname !== thisHost()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
