/** The Minikube profiles that this clone's stacks are meant for, and whose each of them is. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tryRun } from "../../common/run";
import { registryName } from "../../components/minikube/image-registry";
import { type MinikubeProfile, minikubeHome, readProfile } from "../../components/minikube/profile";

/** A node port that profiles made by `npm run up` publish on this machine. */
const OWN_PORT = 30_004;
/** Namespaces of Kubernetes and Minikube themselves. */
const SYSTEM_NAMESPACES = [
  ...["default", "kube-system", "kube-public", "kube-node-lease"],
  ...["kubernetes-dashboard", "local-path-storage"],
];
/** What people put into a namespace, or into a cluster for their own kinds of objects. */
const KINDS = [
  ...["all", "configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims", "ingresses"],
  ...["networkpolicies", "roles", "rolebindings", "resourcequotas", "limitranges"],
  ...["poddisruptionbudgets", "customresourcedefinitions"],
].join(",");
/** What namespace default of every cluster has. */
const IN_DEFAULT = ["service/kubernetes", "configmap/kube-root-ca.crt", "serviceaccount/default"];

/** A Minikube profile that a stack of this clone is, or may be, on. */
export interface Profile {
  name: string;
  network: string;
  /** Containers of its nodes. */
  machines: readonly string[];
  /** Why it stays; undefined where nothing but this clone's stacks is there. */
  kept?: string;
  /** Whether others are at work there, who may need images that were built here. */
  isShared: boolean;
  /** Whether it is silent, so that nobody knows what is in it. */
  isSilent: boolean;
}

/** What this clone has on a profile. */
export interface OwnThings {
  /** Namespaces that its stacks have made there, as their state tells. */
  namespaces: readonly string[];
  /** Containers on its network. */
  containers: readonly string[];
}

/** Whether `npm run up` has made a profile, whichever clone's. */
export function isMadeByUp({ published }: MinikubeProfile): boolean {
  return published.has(OWN_PORT);
}

/**
 * Other profiles that `npm run up` has made, so for another clone or for a stack without a file.
 * @param own the profiles of this clone
 * @param machines containers that are there: what Minikube's files alone remember counts no more
 */
export function madeForOthers(own: readonly string[], machines: readonly string[]): string[] {
  const folder = join(minikubeHome(), "profiles");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => {
    if (own.includes(name) || !machines.includes(name)) return false;
    const profile = readProfile(name);
    return profile !== undefined && isMadeByUp(profile);
  });
}

/** Looks at a profile; undefined where there is none. */
export async function lookAt(
  name: string,
  own: OwnThings,
  env: NodeJS.ProcessEnv,
): Promise<Profile | undefined> {
  const profile = readProfile(name);
  if (!profile) return undefined;
  const { network, machines } = profile;
  const namespaces = await namespacesIn(name, env);
  const others =
    (namespaces && (await othersIn(name, namespaces, own.namespaces, env))) ??
    (await othersOn(network, [...machines, registryName(network), ...own.containers], env));
  const kept =
    others ??
    (isMadeByUp(profile) ? undefined : "npm run up has not made it") ??
    // Where this clone has deployed something, its user knows the profile; any other may hold anything.
    (namespaces || own.namespaces.length > 0
      ? undefined
      : `it doesn't answer, so that nobody knows what is in it: minikube start --profile ${name}, then run this again`);
  return {
    ...{ name, network, machines },
    ...{ isShared: others !== undefined, isSilent: namespaces === undefined },
    ...(kept === undefined ? {} : { kept }),
  };
}

/** Names of a cluster's namespaces; undefined where it doesn't answer. */
async function namespacesIn(
  context: string,
  env: NodeJS.ProcessEnv,
): Promise<string[] | undefined> {
  const found = await kubectl(context, ["namespaces"], env);
  return found.code === 0 ? namesIn(found.stdout, "namespace/") : undefined;
}

/** What of somebody else's is in a cluster; undefined where nothing is. */
async function othersIn(
  context: string,
  namespaces: readonly string[],
  own: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const others = namespaces.filter(
    (name) => !SYSTEM_NAMESPACES.includes(name) && !own.includes(name),
  );
  if (others.length > 0)
    return `it has namespaces that no stack of this clone has made (${others.join(", ")})`;
  const found = await kubectl(context, [KINDS, "--namespace", "default"], env);
  if (found.code !== 0) return "it doesn't tell what is in its namespace default";
  const objects = namesIn(found.stdout).filter((name) => !IN_DEFAULT.includes(name));
  return objects.length === 0
    ? undefined
    : `somebody works in its namespace default (${objects.join(", ")})`;
}

/** What of somebody else's is on a cluster's network; undefined where nothing is. */
async function othersOn(
  network: string,
  own: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const all = ["ps", "--all", "--filter", `network=${network}`, "--format", "{{.Names}}"];
  const found = namesIn((await tryRun("docker", all, { env })).stdout);
  const others = found.filter((name) => !own.includes(name));
  return others.length === 0
    ? undefined
    : `containers of others are on its network (${others.join(", ")})`;
}

function kubectl(
  context: string,
  what: readonly string[],
  env: NodeJS.ProcessEnv,
): ReturnType<typeof tryRun> {
  const args = ["--context", context, "get", ...what, "--output", "name", "--request-timeout=5s"];
  return tryRun("kubectl", args, { env });
}

function namesIn(output: string, prefix = ""): string[] {
  return output
    .split("\n")
    .map((line) => line.replace(prefix, "").trim())
    .filter((name) => name !== "");
}
