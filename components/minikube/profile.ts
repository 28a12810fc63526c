import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import { isRunning } from "../../common/processes";
import { run } from "../../common/run";

/** A node of a Minikube cluster with the docker driver: a container on this machine. */
export interface MinikubeNode {
  /** Name of the container. */
  container: string;
  running: boolean;
}

/** What Minikube's own files say about a profile. */
export interface MinikubeProfile {
  /** Driver that runs the nodes, such as "docker" or "kvm2". */
  driver: string;
  /** Container runtime inside the nodes. */
  runtime: string;
  /** Docker network of the nodes, with driver "docker"; named after the profile unless chosen. */
  network: string;
  /** Address of the first node. */
  ip: string;
  /** Names of the nodes' machines, the first node's first. */
  machines: string[];
  /** CPUs of each node; 0 where it may use all that there are. */
  cpus: number;
  /** Memory of each node, in what Minikube calls MB; 0 where it may use all that there is. */
  memory: number;
}

/** Folder of Minikube's files. */
export function minikubeHome(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.MINIKUBE_HOME;
  if (!home) return join(homedir(), ".minikube");
  return home.endsWith(".minikube") ? home : join(home, ".minikube");
}

/** Reads a profile from Minikube's files; undefined where there is none. */
export function readProfile(name: string): MinikubeProfile | undefined {
  const file = join(minikubeHome(), "profiles", name, "config.json");
  if (!existsSync(file)) return undefined;
  const config = JSON.parse(readFileSync(file, "utf8")) as {
    Driver?: string;
    KubernetesConfig?: { ContainerRuntime?: string };
    Nodes?: { Name?: string; IP?: string }[] | null;
    CPUs?: number;
    Memory?: number;
    Network?: string;
  };
  const nodes = config.Nodes ?? [];
  return {
    driver: config.Driver ?? "",
    runtime: config.KubernetesConfig?.ContainerRuntime || "docker",
    network: config.Network || name,
    ip: nodes[0]?.IP ?? "",
    // A node alone has the profile's name, whatever its own is.
    machines: nodes.map(({ Name }) => (Name && nodes.length > 1 ? `${name}-${Name}` : name)),
    cpus: config.CPUs ?? 0,
    memory: config.Memory ?? 0,
  };
}

/** The nodes of a profile, stopped ones included; empty with a driver other than docker. */
export async function listNodes(profile: string): Promise<MinikubeNode[]> {
  const settings = readProfile(profile);
  if (settings?.driver !== "docker") return [];
  // No label tells the profile: only the first node's is named after it.
  const label = "label=created_by.minikube.sigs.k8s.io=true";
  const format = "{{.Names}}\t{{.State}}";
  const lines = await run("docker", ["ps", "--all", "--filter", label, "--format", format]);
  const states = new Map(lines.split("\n").map((line) => line.split("\t") as [string, string]));
  return settings.machines.map((container) => ({
    container,
    running: states.get(container) === "running",
  }));
}

/** Whether `minikube tunnel` runs for a profile. */
export function tunnelRuns(profile: string): boolean {
  const file = join(minikubeHome(), "tunnels.json");
  if (!existsSync(file)) return false;
  const tunnels = JSON.parse(readFileSync(file, "utf8") || "null") as
    | { MachineName?: string; Pid?: number }[]
    | null;
  return (tunnels ?? []).some(
    ({ MachineName, Pid }) => MachineName === profile && Pid !== undefined && isRunning(Pid),
  );
}

/** The Docker network where a profile's nodes are. @throws UserError where there is none */
export function networkOf(name: string): string {
  const profile = readProfile(name);
  if (profile?.driver === "docker") return profile.network;
  throw new UserError({
    what: "the local database has no network that the cluster reaches",
    why: profile
      ? `Minikube profile "${name}" runs by driver ${profile.driver}, not docker`
      : `there is no Minikube profile "${name}"`,
    next: profile
      ? "pulumi config set --secret databaseUrl postgresql://user:password@host:5432/database"
      : `npm run up makes it, or minikube start -p ${name}`,
  });
}
