/** All that this project has put on this machine, and its end. */
import { existsSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import { tryRun } from "../../common/run";
import { readProfile } from "../../components/minikube/profile";
import { DEFAULT_STACK } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";
import { cacheRoot } from "../../tools/cache";
import { openSession, type Session } from "../session/session";
import { ROOT } from "../session/workspace";
import { destroyStack } from "./stack";

/** Images that are built or made here, whatever their tag. */
const OWN_IMAGE = /^todo-(backend|frontend|frontend-dev):|^todo-app\//;
/** Namespaces of Kubernetes and Minikube themselves. */
const SYSTEM_NAMESPACE = /^(default|kube-.*|kubernetes-dashboard|local-path-storage)$/;
/** A node port that profiles made by `npm run up` publish on this machine. */
const OWN_PORT = 30_004;

/** A Minikube profile that a stack of this clone is on. */
interface Profile {
  name: string;
  network: string;
  /** Why it stays; undefined where nothing but this clone's stacks is there. */
  kept?: string;
}

/** What there is to remove. */
export interface Everything {
  stacks: string[];
  profiles: Profile[];
  /** Volumes with the data of local databases. */
  volumes: string[];
  networks: string[];
  images: string[];
  folders: string[];
  /** Environment of the tools. */
  env: NodeJS.ProcessEnv;
}

/** Looks for all of it; changes nothing. @throws UserError where the stacks are kept in a backend that others share */
export async function findEverything({ pulumi, tools }: Session): Promise<Everything> {
  const { env } = tools;
  if (!pulumi.isLocal)
    throw new UserError({
      what: "--everything is for stacks whose state is in this clone",
      why: "these are in a backend that others may share",
      next: "npm run destroy -- --stack NAME --forget-stack for each of yours; minikube delete and the cache folder are yours to remove",
    });
  const listed = await pulumi.json<{ name: string }[]>(["stack", "ls", "--json"], false);
  const stacks = listed.map(({ name }) => name.split("/").at(-1) ?? name).sort();
  const sessions = (await Promise.all(stacks.map(sessionOf))).filter((each) => each !== undefined);
  const owner = [`label=todo-app.folder=${ROOT}`, `label=todo-app.user=${userInfo().username}`];
  const volumes = await lines(env, ["volume", "ls", ...filters(owner), "--format", "{{.Name}}"]);
  const profiles = await profilesOf(sessions, volumes, env);
  const isKept = profiles.some(({ kept }) => kept !== undefined);
  const images = await lines(env, ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
  const networks = await lines(env, ["network", "ls", "--format", "{{.Name}}"]);
  const legacy = stacks.map((stack) => `todo-app-${stack}_default`); // of versions before 0.2
  const going = profiles.filter(({ kept }) => kept === undefined).map(({ network }) => network);
  return {
    stacks,
    profiles,
    volumes,
    networks: networks.filter((name) => legacy.includes(name) || going.includes(name)),
    images: isKept ? [] : images.filter((name) => OWN_IMAGE.test(name)),
    folders: [join(ROOT, STATE_FOLDER), cacheRoot()].filter((folder) => existsSync(folder)),
    env,
  };
}

/** What would be removed, and what stays, a line each. */
export function toldOf(found: Everything): string[] {
  const { stacks, profiles, volumes, networks, images, folders } = found;
  const going = profiles.filter(({ kept }) => kept === undefined);
  const kept = profiles.filter(({ kept }) => kept !== undefined);
  const rows: [title: string, names: readonly string[]][] = [
    ["stacks", stacks],
    ["data of local databases", volumes],
    ["Minikube profiles", going.map(({ name }) => name)],
    ["Docker networks", networks],
    ["images", images],
    ["folders", folders],
  ];
  const removed = rows.flatMap(([title, names]) =>
    names.length === 0 ? [] : [`- ${title}: ${names.join(", ")}`],
  );
  return [
    ...(removed.length === 0 ? ["there is nothing to remove"] : ["to be removed:", ...removed]),
    ...kept.map((each) => `kept: Minikube profile ${each.name}, and images: ${each.kept}`),
  ];
}

/**
 * Removes it, the tools last.
 * @throws UserError where something can't be removed: what comes after a stack stays then, too, and in any case the tools
 */
export async function removeEverything(found: Everything): Promise<void> {
  const { stacks, profiles, volumes, networks, images, folders, env } = found;
  const going = profiles.filter(({ kept }) => kept === undefined);
  for (const stack of stacks) {
    const session = await sessionOf(stack);
    if (!session) {
      say(`! stack "${stack}" has no file any more: what it has in a cluster stays`);
      continue;
    }
    say(`· stack "${stack}"`);
    const { delivery } = session.settings;
    const isGoing =
      delivery.kind === "minikube" && going.some(({ name }) => name === delivery.profile);
    // A cluster that goes need not be started to take things out of it.
    await destroyStack(session, [
      ...(["delete-data", "forget-stack"] as const),
      ...(isGoing ? (["forget-cluster"] as const) : []),
    ]);
  }
  const left: string[] = [];
  const remove = async (command: string, args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await tryRun(command, args, { env });
    const said = stderr.trim() || stdout.trim();
    // What belonged to a stack or a profile has gone with it.
    if (code !== 0 && !/no such|not found/i.test(said))
      left.push(`${[command, ...args].join(" ")}: ${said.split("\n").at(-1)}`);
  };
  for (const { name } of going)
    await step(`Minikube profile "${name}"`, () =>
      remove("minikube", ["delete", "--profile", name]),
    );
  for (const name of volumes) await remove("docker", ["volume", "rm", name]); // of a destroyed stack
  for (const name of networks) await remove("docker", ["network", "rm", name]);
  if (images.length > 0)
    await step("images", () => remove("docker", ["image", "rm", "--force", ...images]));
  if (left.length > 0)
    throw new UserError({
      what: "not everything is removed",
      why: left.join("\n"),
      next: "mend the causes and run these commands; then npm run destroy -- --everything removes the rest",
    });
  for (const folder of folders)
    await step(folder, async () => rmSync(folder, { recursive: true, force: true }));
}

/** A stack's session; undefined where its file is gone. @throws UserError where it can't be read */
async function sessionOf(stack: string): Promise<Session | undefined> {
  try {
    return await openSession(stack);
  } catch (error) {
    const hasFile = stack === DEFAULT_STACK || existsSync(join(ROOT, `Pulumi.${stack}.yaml`));
    if (error instanceof UserError && !hasFile) return undefined;
    throw error;
  }
}

async function profilesOf(
  sessions: readonly Session[],
  volumes: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Profile[]> {
  const names = sessions.flatMap(({ settings: { delivery } }) =>
    delivery.kind === "minikube" ? [delivery.profile] : [],
  );
  const profiles: Profile[] = [];
  for (const name of new Set(names)) {
    const profile = readProfile(name);
    if (!profile) continue;
    const own = sessions.map(({ settings }) => settings.namespace);
    const kept =
      (await othersIn(name, own, profile.published.has(OWN_PORT), env)) ??
      (await othersOn(profile.network, [...profile.machines, ...volumes], env));
    profiles.push({ name, network: profile.network, ...(kept === undefined ? {} : { kept }) });
  }
  return profiles;
}

/** What of somebody else's is in a cluster; undefined where nothing is. */
async function othersIn(
  context: string,
  own: readonly string[],
  isOurs: boolean,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const args = ["--context", context, "get", "namespaces", "--output", "name"];
  const found = await tryRun("kubectl", [...args, "--request-timeout=5s"], { env });
  if (found.code !== 0)
    return isOurs ? undefined : "it doesn't answer, and npm run up has not made it";
  const others = found.stdout
    .split("\n")
    .map((line) => line.replace("namespace/", "").trim())
    .filter((name) => name !== "" && !SYSTEM_NAMESPACE.test(name) && !own.includes(name));
  return others.length === 0 ? undefined : `it has namespaces of others (${others.join(", ")})`;
}

/** What of somebody else's is on a cluster's network; undefined where nothing is. */
async function othersOn(
  network: string,
  own: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const all = ["ps", "--all", "--filter", `network=${network}`, "--format", "{{.Names}}"];
  const others = (await lines(env, all)).filter((name) => !own.includes(name));
  return others.length === 0
    ? undefined
    : `containers of others are on its network (${others.join(", ")})`;
}

function filters(conditions: readonly string[]): string[] {
  return conditions.flatMap((condition) => ["--filter", condition]);
}

async function lines(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string[]> {
  return (await tryRun("docker", args, { env })).stdout.split("\n").filter(Boolean);
}
