import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf, UserError } from "../../common/errors";
import { ageOf, isRunning, listProcesses } from "../../common/processes";
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
  /** Ports of the nodes that answer on this machine, wherever the engine runs: "address:port" by node port. */
  published: ReadonlyMap<number, string>;
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

/** Minikube's own record of a profile. */
interface ProfileFile {
  Driver?: string;
  KubernetesConfig?: { ContainerRuntime?: string };
  Nodes?: { Name?: string; IP?: string }[] | null;
  CPUs?: number;
  Memory?: number;
  Network?: string;
  ExposedPorts?: string[] | null;
}

/** Reads a profile from Minikube's files; undefined where there is none. @throws UserError where its file is damaged */
export function readProfile(name: string): MinikubeProfile | undefined {
  const file = join(minikubeHome(), "profiles", name, "config.json");
  if (!existsSync(file)) return undefined;
  const config = readProfileFile(name, file);
  const nodes = config.Nodes ?? [];
  return {
    driver: config.Driver ?? "",
    runtime: config.KubernetesConfig?.ContainerRuntime || "docker",
    network: config.Network || name,
    ip: nodes[0]?.IP ?? "",
    published: publishedPorts(config.ExposedPorts ?? []),
    // A node alone has the profile's name, whatever its own is.
    machines: nodes.map(({ Name }) => (Name && nodes.length > 1 ? `${name}-${Name}` : name)),
    cpus: config.CPUs ?? 0,
    memory: config.Memory ?? 0,
  };
}

function readProfileFile(name: string, file: string): ProfileFile {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProfileFile;
  } catch (error) {
    throw new UserError({
      what: `Minikube profile "${name}" can't be read`,
      why: `${file}: ${messageOf(error)}; the disk may have been full when Minikube wrote it`,
      next: `if nothing in it is worth keeping: minikube delete --profile ${name}, then npm run up makes it anew`,
      cause: error,
    });
  }
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

/**
 * What `minikube start --ports` was given, in Docker's words: "[address:]port:port", ranges too. A port that
 * Docker may choose is another one after each start, so it doesn't count.
 */
function publishedPorts(specs: readonly string[]): Map<number, string> {
  const ports = new Map<number, string>();
  for (const spec of specs) {
    const found = /^(?:(.*):)?(\d+)(?:-(\d+))?:(\d+)(?:-\d+)?(?:\/tcp)?$/.exec(spec);
    if (!found) continue;
    const [, address = "", first, last = first, inside] = found;
    const isEverywhere = ["", "0.0.0.0", "127.0.0.1", "[::]", "::", "[::1]", "::1"].includes(
      address,
    );
    for (let port = Number(first); port <= Number(last); port += 1) {
      const nodePort = Number(inside) + port - Number(first);
      ports.set(nodePort, `${isEverywhere ? "localhost" : address}:${port}`);
    }
  }
  return ports;
}

/**
 * How a tunnel makes the cluster's LoadBalancers reachable: by a route to their own addresses, or by SSH,
 * which gives each of them 127.0.0.1.
 */
export type Tunnel = "route" | "ssh";

/** How many seconds after its start a tunnel may take to stand in Minikube's list, on a busy machine. */
const LISTED_WITHIN = 15;
const LOOK_EVERY_MS = 100;

/**
 * The tunnel that runs for a profile; undefined where none does. Where one has just started, and could be of either
 * kind, it waits until that shows.
 */
export function findTunnel(profile: string): Tunnel | undefined {
  for (;;) {
    if (listsTunnel(profile)) return "route";
    const found = listProcesses().find(({ command }) => isTunnelOf(profile, command));
    if (!found) return undefined;
    const age = needsForwarding() ? undefined : ageOf(found.pid);
    if (age === undefined || age > LISTED_WITHIN) return "ssh";
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
}

/**
 * Whether a command line is that of a profile's tunnel: one that goes by SSH stands in no list.
 * @param usual the profile that is meant where the line names none
 */
export function isTunnelOf(
  profile: string,
  commandLine: string,
  usual: string = usualProfile(),
): boolean {
  const [command = "", ...args] = commandLine.trim().split(/\s+/);
  if (!/(^|\/)minikube[^/]*$/.test(command)) return false;
  const words = args.flatMap((arg) => (arg.startsWith("--") ? arg.split("=") : [arg]));
  const at = words.findIndex((word) => word === "-p" || word === "--profile");
  const named = at < 0 ? usual : words[at + 1];
  return named === profile && args.includes("tunnel");
}

/** The profile of Minikube's commands that name none: MINIKUBE_PROFILE, else what `minikube profile NAME` has set. */
function usualProfile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MINIKUBE_PROFILE) return env.MINIKUBE_PROFILE;
  try {
    const file = join(minikubeHome(env), "config", "config.json");
    const { profile } = JSON.parse(readFileSync(file, "utf8")) as { profile?: string };
    return profile || "minikube";
  } catch {
    return "minikube"; // nothing was set
  }
}

/**
 * Whether the nodes' own addresses can't be reached from here, so that Minikube's tunnel goes by SSH: the
 * engine is in a machine of its own, as on macOS, on WSL and with Docker Desktop. The same question is
 * Minikube's NeedsPortForward (pkg/minikube/driver/driver.go).
 */
export function needsForwarding(env: NodeJS.ProcessEnv = process.env): boolean {
  const host = env.DOCKER_HOST ?? "";
  return (
    process.platform !== "linux" ||
    Boolean(env.WSL_DISTRO_NAME) ||
    /desktop|rootless|\/run\/user\//.test(host) ||
    (host !== "" && !host.startsWith("unix:"))
  );
}

function listsTunnel(profile: string): boolean {
  return tunnelsListed().some(
    ({ MachineName, Pid }) => MachineName === profile && Pid !== undefined && isRunning(Pid),
  );
}

/** Minikube's list of tunnels; none where there is no such file, or a tunnel is writing it at the moment. */
function tunnelsListed(): { MachineName?: string; Pid?: number }[] {
  try {
    const text = readFileSync(join(minikubeHome(), "tunnels.json"), "utf8");
    const tunnels: unknown = JSON.parse(text);
    return Array.isArray(tunnels) ? tunnels : [];
  } catch {
    return [];
  }
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
