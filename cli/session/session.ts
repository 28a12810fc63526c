import { say } from "../../common/progress";
import { DATABASE_IMAGE } from "../../components/database/container";
import { REGISTRY_IMAGE } from "../../components/minikube/image-registry";
import type { Settings } from "../../components/settings/settings";
import {
  ensureCluster,
  ensureEngine,
  ensureImages,
  ensureTools,
  renewTools,
  TOOL_VARIABLES,
  type Toolchain,
  wishForImage,
} from "../../tools";
import { nodesRun, preflight, requireCluster } from "../update/preflight";
import type { StateVariables } from "./backend";
import { Cluster } from "./cluster";
import { Pulumi } from "./pulumi";
import { ROOT, stackSettings } from "./workspace";

/** What the components' images are built from. */
export const BASE_IMAGES = { backend: "python:3.11-slim", frontend: "node:22-slim" } as const;

/** A stack with all that commands need to work on it. */
export interface Session {
  stack: string;
  settings: Settings;
  tools: Toolchain;
  pulumi: Pulumi;
  cluster: Cluster;
}

/**
 * The stack's settings and the tools; nothing is started.
 * @param needed names of the only tools that are got where they are missing; all unless said
 */
export async function openSession(stack: string, needed?: readonly string[]): Promise<Session> {
  process.chdir(ROOT);
  const settings = stackSettings(stack);
  return sessionWith(stack, settings, await ensureTools(needed));
}

/** A session with the tools that are there, whether they are all that is needed or not. */
export function sessionWith(
  stack: string,
  settings: Settings,
  tools: Toolchain,
  variables?: StateVariables,
): Session {
  // Components run docker, kubectl and minikube too.
  for (const name of TOOL_VARIABLES) {
    const value = tools.env[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const pulumi = new Pulumi(stack, tools, variables);
  return { stack, settings, tools, pulumi, cluster: new Cluster(settings, tools.env) };
}

/**
 * Everything that an update needs: engine, cluster, base images, local database, and no known obstacle.
 * @param baseImages what its images are built from; none where nothing is built
 */
export async function prepareUpdate(
  session: Session,
  baseImages: readonly string[] = Object.values(BASE_IMAGES),
): Promise<void> {
  const { settings, tools, pulumi, cluster } = session;
  for (const note of tools.notes) say(note);
  for (const name of await renewTools(tools)) say(`· ${name} is the real one from now on`);
  await ensureEngine(tools);
  await ensureTarget(session);
  await preflight(settings, cluster, pulumi);
  const local = usesLocalDatabase(settings);
  await ensureImages(tools, local ? [...baseImages, DATABASE_IMAGE] : baseImages);
  await Promise.all([pulumi.ensureStack(), getRegistry(session)]);
}

/** What makes the delivery of edits quicker; without it they arrive as well. */
async function getRegistry({ settings, tools }: Session): Promise<void> {
  if (settings.delivery.kind !== "minikube") return;
  await wishForImage(tools, REGISTRY_IMAGE);
}

/** What a preview asks: the engine and the cluster. Nothing of the stack is made but what tells its secrets apart. */
export async function preparePreview(session: Session): Promise<void> {
  const { tools, pulumi } = session;
  for (const note of tools.notes) say(note);
  await ensureEngine(tools);
  await ensureTarget(session);
  await pulumi.ensureStack();
}

/** Whether a stack's database is the one on this machine. */
export function usesLocalDatabase(settings: Settings): boolean {
  return settings.secrets.databaseUrl === undefined;
}

/** The stack's cluster answers afterwards. @throws UserError where it doesn't */
async function ensureTarget({ settings, tools, cluster }: Session): Promise<void> {
  const { delivery } = settings;
  if (delivery.kind === "minikube") {
    if ((await nodesRun(delivery.profile)) && (await cluster.answers())) return;
    const { type, nodePort } = settings.service;
    await ensureCluster(tools, delivery.profile, [], type === "NodePort" ? nodePort : undefined);
  }
  await requireCluster(settings, cluster);
}
