import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname as thisHost } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../common/errors";
import { isRunning, listProcesses, type Process } from "../../common/processes";
import { type Step, step } from "../../common/progress";
import { CommandError, run } from "../../common/run";
import { BACKEND, PROJECT, RELEASE, SECRET, TYPES } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";
import { fingerprint } from "../../components/secrets/fingerprint";
import type { State } from "../session/pulumi";
import type { Session } from "../session/session";
import { ROOT } from "../session/workspace";
import { requireCluster } from "./preflight";

/** Plugins, the one for this project's own resources too. */
const PLUGIN = /\/pulumi-resource-|\/@pulumi\/pulumi\/cmd\/dynamic-provider/;
/** A rollout that was given up needs this long to be undone, beyond its own time limit. */
const UNDO_SECONDS = 60;

/** A lock file of Pulumi's file backend. */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** What is left of an update that was killed, or was taken away behind Pulumi's back. */
export interface Damage {
  /** Locks whose process has ended. */
  staleLocks: Lock[];
  /** Locks of updates that are still under way. */
  liveLocks: Lock[];
  /** Status of the Helm release, where it is pending. */
  pendingRelease: string | undefined;
  /** Operations that Pulumi began and doesn't know the end of. */
  pendingOperations: number;
  /** What Pulumi has made and the cluster doesn't have, or has otherwise. */
  vanished: string[];
}

/** Looks for damage; changes nothing. @throws UserError where the cluster doesn't answer */
export async function inspectDamage(session: Session): Promise<Damage> {
  const locks = readLocks(session);
  const liveLocks = locks.filter(isAlive);
  const [objects, state] = await Promise.all([readObjects(session), session.pulumi.state()]);
  return {
    staleLocks: locks.filter((lock) => !liveLocks.includes(lock)),
    liveLocks,
    pendingRelease: pendingRelease(objects),
    pendingOperations: state?.pending_operations?.length ?? 0,
    vanished: vanished(state ?? {}, objects, objects.length > 0 || (await hasNamespace(session))),
  };
}

/**
 * Releases the locks in this clone's folder whose process has ended; no cluster is asked.
 * @param isForced whether also those of processes that may be at work
 * @throws UserError naming who is at work
 */
export async function releaseLocks(
  { pulumi, stack }: Pick<Session, "pulumi" | "stack">,
  isForced = false,
): Promise<void> {
  const locks = readLocks({ pulumi, stack });
  const live = locks.find(isAlive);
  if (live && !isForced) throw beingUpdated(live, stack);
  if (locks.length > 0)
    await step("Pulumi's lock is released", () => pulumi.quiet(["cancel", "--yes"]));
}

/** Repairs what is damaged, and names what was done. */
export async function repairStack(session: Session): Promise<string[]> {
  const { pulumi, stack } = session;
  const damage = await inspectDamage(session);
  const [live] = damage.liveLocks;
  if (live) throw beingUpdated(live, stack);
  const done: string[] = [];
  const repair = async (name: string, work: (progress: Step) => Promise<unknown>) => {
    await step(name, work);
    done.push(name);
  };
  // Only a killed update of this stack leaves plugins of its own; others' are none of its business.
  if (damage.staleLocks.length > 0 && orphans(session).length > 0)
    await repair("what the killed update had begun comes to its end", (progress) =>
      orphansEnded(session, progress),
    );
  if (damage.staleLocks.length > 0)
    await repair("Pulumi's lock is released", () => pulumi.quiet(["cancel", "--yes"]));
  const pending = damage.pendingRelease && pendingRelease(await readObjects(session));
  if (pending)
    await repair(`the Helm release, ${pending}, goes back to its last good revision`, () =>
      settleRelease(session),
    );
  if (damage.pendingOperations > 0 || damage.pendingRelease || damage.vanished.length > 0) {
    const what = damage.vanished.length > 0 ? ` (${damage.vanished.join(", ")})` : "";
    await repair(`Pulumi's state is compared with the cluster${what}`, () =>
      pulumi.quiet(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]),
    );
  }
  return done;
}

function beingUpdated({ pid, username, hostname, timestamp }: Lock, stack: string): UserError {
  const there = hostname === thisHost() ? "" : ` on ${hostname}`;
  return new UserError({
    what: `stack "${stack}" is being updated`,
    why: `process ${pid} of ${username}${there} has worked on it since ${timestamp}`,
    next: there
      ? `wait for it; if there is no such machine any more: npm run unlock -- --stack ${stack} --force`
      : "wait for it, or end it with Ctrl-C",
  });
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

/** A Secret or a Deployment, as far as it is looked into. */
interface ClusterObject {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  data?: Record<string, string>;
  spec?: { template?: { metadata?: { annotations?: Record<string, string> } } };
}

async function readObjects(session: Session): Promise<ClusterObject[]> {
  const found = await ask(session, ["get", "secrets,deployments.apps", "--output", "json"]);
  return (JSON.parse(found) as { items: ClusterObject[] }).items;
}

/** Of a namespace that is gone nothing can be listed, and of one that is empty neither: then it is asked for. */
async function hasNamespace(session: Session): Promise<boolean> {
  const name = session.cluster.namespace;
  const found = await ask(session, [
    "get",
    "namespace",
    name,
    "--ignore-not-found",
    "--output=name",
  ]);
  return found.trim() !== "";
}

/** What kubectl answers. @throws UserError where the cluster doesn't */
async function ask({ cluster, settings }: Session, args: readonly string[]): Promise<string> {
  const result = await cluster.try(args);
  if (result.code === 0) return result.stdout;
  await requireCluster(settings, cluster);
  throw new CommandError(`kubectl ${args.join(" ")}`, result);
}

function pendingRelease(objects: readonly ClusterObject[]): string | undefined {
  const newest = helmRecords(objects)
    .sort((a, b) => Number(a.version) - Number(b.version))
    .pop();
  return newest?.status?.startsWith("pending-") ? newest.status : undefined;
}

/** Labels of Helm's records of the release. */
function helmRecords(objects: readonly ClusterObject[]): Record<string, string>[] {
  return objects
    .map(({ metadata }) => metadata.labels ?? {})
    .filter(({ owner, name }) => owner === "helm" && name === RELEASE);
}

/**
 * Pulumi alone looks at none of these in an update: without a refresh they would stay as they are.
 *
 * @param objects Secrets and Deployments of the stack's namespace
 * @param isThere whether there is such a namespace
 */
export function vanished(
  state: State,
  objects: readonly ClusterObject[],
  isThere: boolean,
): string[] {
  const isMade = (type: string): boolean =>
    state.resources?.some((resource) => resource.type === type) ?? false;
  const find = (kind: string, name: string): ClusterObject | undefined =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const missing: string[] = [];
  if (isMade(TYPES.namespace) && !isThere) missing.push("the namespace is gone");
  if (isMade("kubernetes:core/v1:Secret")) {
    const secret = find("Secret", SECRET);
    const pod = find("Deployment", BACKEND)?.spec?.template?.metadata;
    const wanted = pod?.annotations?.["checksum/secret"];
    if (!secret) missing.push(`Secret ${SECRET} is gone`);
    else if (wanted !== undefined && wanted !== fingerprint(decoded(secret)))
      missing.push(`Secret ${SECRET} has other values`);
  }
  if (isMade("kubernetes:helm.sh/v3:Release") && helmRecords(objects).length === 0)
    missing.push(`Helm release ${RELEASE} is gone`);
  return missing;
}

function decoded({ data = {} }: ClusterObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}

/** Plugins whose Pulumi was killed: they go on with what they had begun, and stay. */
function orphans({ tools }: Session): number[] {
  return orphansIn(listProcesses(), [tools.env.PULUMI_HOME ?? ROOT, ROOT]);
}

/** @param folders where this clone's plugins are */
export function orphansIn(all: readonly Process[], folders: readonly string[]): number[] {
  const pulumi = new Set(
    all.filter(({ command }) => /(^|\/)pulumi\s/.test(command)).map(({ pid }) => pid),
  );
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  // Pulumi's own launcher is a shell that stays between it and the plugin.
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pulumi.has(pid) || belongs(parents.get(pid)));
  return all
    .filter(({ command }) => PLUGIN.test(command))
    .filter(({ command }) => folders.some((folder) => command.includes(`${folder}/`)))
    .filter(({ pid }) => !belongs(pid))
    .map(({ pid }) => pid);
}

/** Lets them finish a rollout, which Helm undoes by itself where it fails, and ends them. */
async function orphansEnded(session: Session, progress: Step): Promise<void> {
  const patience = session.settings.rolloutTimeoutSeconds + UNDO_SECONDS;
  const deadline = Date.now() + patience * 1000;
  const isBusy = async (): Promise<boolean> =>
    orphans(session).length > 0 && pendingRelease(await readObjects(session)) !== undefined;
  while (Date.now() < deadline && (await isBusy())) {
    progress.detail("its Helm release is pending");
    await sleep(1000);
  }
  for (const pid of orphans(session)) endNow(pid);
}

/** Ends a process; one that has ended meanwhile, or is another user's, is left alone. */
export function endNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

/**
 * The locks of a stack in this clone's folder. With another backend none counts: what an earlier one has left here says
 * nothing of a colleague's update there, which a `pulumi cancel` would end.
 */
function readLocks({ pulumi, stack }: Pick<Session, "pulumi" | "stack">): Lock[] {
  if (pulumi.isLocal === false) return [];
  const folder = join(ROOT, STATE_FOLDER, ".pulumi", "locks", "organization", PROJECT, stack);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith(".json")).flatMap((name) => readLock(folder, name));
}

/** One that is being written, or was released meanwhile, can't be read, and hides no other. */
function readLock(folder: string, name: string): Lock[] {
  try {
    return [JSON.parse(readFileSync(join(folder, name), "utf8")) as Lock];
  } catch {
    return [];
  }
}

/** Whether the process that holds a lock still runs; on another machine it is taken to. */
function isAlive({ pid, hostname }: Lock): boolean {
  return hostname !== thisHost() || isPulumi(pid);
}

/**
 * Whether a process of this machine is Pulumi: after a restart a number may be another program's. One that runs, and
 * can't be looked at, is taken for it.
 */
export function isPulumi(pid: number): boolean {
  const found = listProcesses().find((process) => process.pid === pid);
  return found ? /(^|\/)pulumi(\s|$)/.test(found.command) : isRunning(pid);
}
