/** All that this project has put on this machine. */
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";
import { DEFAULT_STACK, TYPES } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";
import { cacheRoot } from "../../tools/cache";
import { engineLeft } from "../../tools/engine";
import { hasState } from "../session/backend";
import { openSession, type Session } from "../session/session";
import { ROOT } from "../session/workspace";
import { type Encrypted, findEncrypted } from "./encrypted";
import { lookAt, madeForOthers, type Profile } from "./profiles";
import { profileNames, stackFiles } from "./stack-files";

/** Images that are built or made here, whatever their tag. */
const OWN_IMAGE =
  /^((127\.0\.0\.1:\d+\/library\/)?todo-(backend|frontend)(-dev)?:|todo-app\/)(?!.*<none>)/;

/** A folder to remove. */
interface Folder {
  path: string;
  /** What of it stays. */
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
  folders: Folder[];
  /** What nothing can read any more without the passphrase of this clone. */
  encrypted: Encrypted[];
  /** What else stays, a line each. */
  left: string[];
  /** Environment of the tools. */
  env: NodeJS.ProcessEnv;
}

/**
 * Looks for all of it; changes nothing.
 * @throws UserError where the stacks are kept in a backend that others share, or one can't be taken out of its cluster
 */
export async function findEverything({ pulumi, tools }: Session): Promise<Everything> {
  const { env } = tools;
  if (!pulumi.isLocal)
    throw new UserError({
      what: "--everything is for stacks whose state is in this clone",
      why: "these are in a backend that others may share",
      next: "npm run destroy -- --stack NAME --forget-stack for each of yours; minikube delete and the cache folder are yours to remove",
    });
  const sessions = hasState(ROOT) ? await sessionsOf(pulumi) : [];
  const owner = [`label=todo-app.folder=${ROOT}`, `label=todo-app.user=${userInfo().username}`];
  const volumes = await lines(env, ["volume", "ls", ...filters(owner), "--format", "{{.Name}}"]);
  const profiles = await profilesOf(sessions, volumes, env);
  const stacks = sessions.map(({ stack }) => stack);
  const engine = await engineLeft(env);
  const { images, told } = await imagesOf(profiles, env);
  return {
    stacks,
    profiles,
    volumes,
    networks: await networksOf(stacks, profiles, env),
    images,
    folders: [
      { path: join(ROOT, STATE_FOLDER) },
      { path: cacheRoot(), ...(engine.needs === undefined ? {} : { kept: engine.needs }) },
    ].filter(({ path }) => existsSync(path)),
    encrypted: losesPassphrase(pulumi.env) ? await findEncrypted(stackFiles(), pulumi.env) : [],
    left: [...told, ...engine.told],
    env,
  };
}

/** What would be removed, and what stays, a line each. */
export function toldOf(found: Everything): string[] {
  const { stacks, profiles, volumes, networks, images, folders, encrypted, left } = found;
  const going = profiles.filter(({ kept }) => kept === undefined);
  const kept = profiles.filter(({ kept }) => kept !== undefined);
  const rows: [title: string, names: readonly string[]][] = [
    ["stacks", stacks],
    ["data of local databases", volumes],
    [
      "Minikube profiles",
      going.map(({ name, isSilent }) =>
        isSilent ? `${name} (it doesn't answer: whatever is in it goes too)` : name,
      ),
    ],
    ["Docker networks", networks],
    ["images", images],
    [
      "what only this clone's passphrase can read",
      encrypted.map(({ stack, keys }) => `${keys.join(" and ")} in Pulumi.${stack}.yaml`),
    ],
    [
      "folders",
      folders.map(({ path }) =>
        path === cacheRoot() ? `${path} (tools of all your clones)` : path,
      ),
    ],
  ];
  const removed = rows.flatMap(([title, names]) =>
    names.length === 0 ? [] : [`- ${title}: ${names.join(", ")}`],
  );
  return [
    ...(removed.length === 0 ? ["there is nothing to remove"] : ["to be removed:", ...removed]),
    ...kept.map(
      (each) =>
        `kept: Minikube profile ${each.name}${each.isShared ? ", and images" : ""}: ${each.kept}`,
    ),
    ...left,
  ];
}

/**
 * The sessions of the stacks that have a state.
 * @throws UserError where the file of one is gone that has something in a cluster, or can't be read
 */
async function sessionsOf(pulumi: Session["pulumi"]): Promise<Session[]> {
  const listed = await pulumi.json<{ name: string; resourceCount?: number }[]>(
    ["stack", "ls", "--json"],
    false,
  );
  const known = [DEFAULT_STACK, ...stackFiles()];
  const stacks = listed.map((each) => ({ ...each, name: each.name.split("/").at(-1) ?? "" }));
  const lost = stacks.find(
    ({ name, resourceCount = 0 }) => !known.includes(name) && resourceCount > 0,
  );
  if (lost)
    throw new UserError({
      what: `stack "${lost.name}" has no file any more`,
      why: `without Pulumi.${lost.name}.yaml nobody knows in which cluster it is, and without its state nobody could take it out of there`,
      next: `bring the file back, then run this again; where its cluster is gone for good: eval "$(npm run --silent env)"; pulumi stack rm ${lost.name} --force`,
    });
  const names = stacks.map(({ name }) => name).filter((name) => known.includes(name));
  return Promise.all(names.sort().map((name) => openSession(name)));
}

async function profilesOf(
  sessions: readonly Session[],
  volumes: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Profile[]> {
  const profiles: Profile[] = [];
  for (const name of profileNames()) {
    const there = sessions.filter(({ settings }) => isOn(name, settings));
    const namespaces = (await Promise.all(there.map(namespacesOf))).flat();
    const profile = await lookAt(name, { namespaces, containers: volumes }, env);
    if (profile) profiles.push(profile);
  }
  return profiles;
}

function isOn(profile: string, { delivery }: Session["settings"]): boolean {
  return delivery.kind === "minikube" && delivery.profile === profile;
}

/** Names of the namespaces that a stack has made. */
async function namespacesOf({ pulumi }: Session): Promise<string[]> {
  const { resources = [] } = (await pulumi.state()) ?? {};
  return resources
    .filter(({ type }) => type === TYPES.namespace)
    .flatMap(({ outputs }) => {
      const { name } = (outputs?.metadata ?? {}) as { name?: string };
      return name ?? [];
    });
}

/** Those that Minikube has made for a profile that goes, and those of versions before 0.2. */
async function networksOf(
  stacks: readonly string[],
  profiles: readonly Profile[],
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const labelled = (label: string): Promise<string[]> =>
    lines(env, ["network", "ls", "--filter", `label=${label}`, "--format", "{{.Name}}"]);
  const going = profiles.filter(({ kept }) => kept === undefined).map(({ network }) => network);
  const found = await labelled("created_by.minikube.sigs.k8s.io=true");
  const networks = found.filter((name) => going.includes(name));
  for (const stack of stacks)
    networks.push(...(await labelled(`com.docker.compose.project=todo-app-${stack}`)));
  return networks;
}

/** None where others are at work, and none that a container of theirs was started from. */
async function imagesOf(
  profiles: readonly Profile[],
  env: NodeJS.ProcessEnv,
): Promise<{ images: string[]; told: string[] }> {
  if (profiles.some(({ isShared }) => isShared)) return { images: [], told: [] };
  const going = profiles
    .filter(({ kept }) => kept === undefined)
    .flatMap(({ machines }) => machines);
  const containers = (await lines(env, ["ps", "--all", "--format", "{{.Names}}\t{{.Image}}"]))
    .map((line) => line.split("\t"))
    .filter(([name = ""]) => !going.includes(name));
  const others = madeForOthers(
    profiles.map(({ name }) => name),
    containers.map(([name = ""]) => name),
  );
  if (others.length > 0) {
    const told = `kept: images: Minikube profile ${others.join(", ")}, which npm run up has made elsewhere, may need them`;
    return { images: [], told: [told] };
  }
  const used = containers.map(([, image]) => image);
  const images = await lines(env, ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
  return {
    images: images.filter((name) => OWN_IMAGE.test(name) && !used.includes(name)),
    told: [],
  };
}

/** Whether the passphrase in use lies in a folder that goes. */
function losesPassphrase(env: NodeJS.ProcessEnv): boolean {
  const file = join(ROOT, STATE_FOLDER, "passphrase");
  return env.PULUMI_CONFIG_PASSPHRASE === undefined && env.PULUMI_CONFIG_PASSPHRASE_FILE === file;
}

function filters(conditions: readonly string[]): string[] {
  return conditions.flatMap((condition) => ["--filter", condition]);
}

async function lines(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string[]> {
  return (await tryRun("docker", args, { env })).stdout.split("\n").filter(Boolean);
}
