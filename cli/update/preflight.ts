import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { tryRun } from "../../common/run";
import { connectionsOf, fittingPool, USUAL_LIMIT } from "../../components/database/connections";
import { findTunnel, listNodes } from "../../components/minikube/profile";
import { FRONTEND, TYPES } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";
import type { Settings } from "../../components/settings/settings";
import type { Cluster } from "../session/cluster";
import type { Pulumi } from "../session/pulumi";
import { ROOT } from "../session/workspace";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Room for two images, their build layers and one archive. */
const NEEDED_DISK_BYTES = 2 * GIB;
/** A state holds the kept deployments with their charts, and Pulumi keeps a copy of each update. */
const NEEDED_STATE_BYTES = 32 * MIB;

/** A Service, as far as its ports matter. */
interface Service {
  metadata: { name: string; namespace: string };
  spec: { clusterIP?: string; ports?: { nodePort?: number }[] };
}

/** Whether the profile's nodes run, by Docker alone: what `minikube status` needs a second for. */
export async function nodesRun(profile: string): Promise<boolean> {
  const nodes = await listNodes(profile).catch(() => []);
  return nodes.length > 0 && nodes.every(({ running }) => running);
}

/** On a cluster that answers. @throws UserError about something that would make an update fail half-way */
export async function preflight(
  settings: Settings,
  cluster: Cluster,
  pulumi: Pulumi,
): Promise<void> {
  checkTunnel(settings);
  tellConnections(settings);
  await Promise.all([
    checkDisk(pulumi.env),
    checkNodePort(settings, cluster, pulumi.stack),
    checkAddress(settings, cluster, pulumi.stack),
    checkOwner(settings, cluster, pulumi),
  ]);
}

/** @throws UserError where the stack's cluster doesn't answer */
export async function requireCluster(settings: Settings, cluster: Cluster): Promise<void> {
  if (await cluster.answers()) return;
  throw new UserError({
    what: `the cluster of context "${settings.kubeContext}" doesn't answer`,
    why:
      (await cluster.try(["version", "--request-timeout=5s"])).stderr.trim() ||
      "it doesn't say within its time that it is ready",
    next:
      settings.delivery.kind === "minikube"
        ? `minikube status -p ${settings.delivery.profile}; minikube start -p ${settings.delivery.profile} repairs most`
        : `see that kubectl --context ${settings.kubeContext} get nodes works`,
  });
}

/** @throws UserError where a folder that an update writes to has no room: before anything is changed */
export async function checkDisk(env: NodeJS.ProcessEnv, root = ROOT): Promise<void> {
  const docker = await tryRun("docker", ["info", "--format", "{{.DockerRootDir}}"], { env });
  const needed: [folder: string, bytes: number][] = [
    [root, NEEDED_DISK_BYTES],
    [docker.stdout.trim(), NEEDED_DISK_BYTES],
    [join(root, STATE_FOLDER), NEEDED_STATE_BYTES],
  ];
  for (const [folder, bytes] of needed) {
    if (folder === "" || !existsSync(folder)) continue;
    const free = await freeBytes(folder);
    if (free >= bytes) continue;
    throw new UserError({
      what: "the disk is nearly full",
      why: `${size(free)} are free at ${folder}, ${size(bytes)} are needed`,
      next: "make room (docker system df shows what Docker holds, docker system prune frees it)",
    });
  }
}

function size(bytes: number): string {
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}

/** Bytes that this user may still write below a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function checkNodePort(
  { service, namespace }: Settings,
  cluster: Cluster,
  stack: string,
): Promise<void> {
  if (service.type !== "NodePort") return;
  const services = await cluster.list<Service>("services", "--all-namespaces");
  const owner = services.find(
    ({ metadata, spec }) =>
      spec.ports?.some(({ nodePort }) => nodePort === service.nodePort) &&
      !(metadata.namespace === namespace && metadata.name.startsWith("todo-app-")),
  );
  if (!owner) return;
  throw new UserError({
    what: `port ${service.nodePort} is taken`,
    why: `Service ${owner.metadata.namespace}/${owner.metadata.name} has it as its node port`,
    next: `delete that Service, or choose another: pulumi config set nodePort <30000-32767> --stack ${stack}`,
  });
}

/** Kubernetes lets no Service change its cluster IP, nor two have the same. */
async function checkAddress(settings: Settings, cluster: Cluster, stack: string): Promise<void> {
  const { namespace, service, kubeContext } = settings;
  if (service.clusterIp === undefined) return;
  for (const { metadata, spec } of await cluster.list<Service>("services", "--all-namespaces")) {
    const isOwn = metadata.namespace === namespace && metadata.name === FRONTEND;
    if (isOwn && spec.clusterIP !== service.clusterIp)
      throw new UserError({
        what: `Service ${FRONTEND} can't take the address ${service.clusterIp}`,
        why: `it has ${spec.clusterIP}, and Kubernetes changes no address in place`,
        next: `kubectl --context ${kubeContext} --namespace ${namespace} delete service ${FRONTEND}, then run this again: it is made anew, and can't be reached meanwhile`,
      });
    if (!isOwn && spec.clusterIP === service.clusterIp)
      throw new UserError({
        what: `the address ${service.clusterIp} is taken`,
        why: `Service ${metadata.namespace}/${metadata.name} has it`,
        next: `choose another: pulumi config set loadBalancerIp <an address of the cluster's service network> --stack ${stack}`,
      });
  }
}

/** Other servers' limits are told by doctor, which asks them. */
function tellConnections(settings: Settings): void {
  const most = connectionsOf(settings);
  if (settings.secrets.databaseUrl !== undefined || most <= USUAL_LIMIT) return;
  const fits = fittingPool(settings, USUAL_LIMIT);
  const remedy = fits === undefined ? "fewer replicas" : `databasePoolSize ${fits}`;
  say(
    `! ${settings.replicas} replicas with pools of ${settings.database.poolSize} may open ${most} connections, and the local database has ${USUAL_LIMIT}: ${remedy} would fit`,
  );
}

function checkTunnel({ service, delivery }: Settings): void {
  if (service.type !== "LoadBalancer" || delivery.kind !== "minikube") return;
  if (findTunnel(delivery.profile)) return;
  throw new UserError({
    what: "no tunnel runs",
    why: "a LoadBalancer on Minikube gets no address without one, and Helm would wait for it in vain",
    next: `in another terminal: minikube tunnel -p ${delivery.profile}`,
  });
}

/** A release of another clone, or one by hand, is not this stack's to change. */
async function checkOwner(
  { namespace, kubeContext }: Settings,
  cluster: Cluster,
  pulumi: Pulumi,
): Promise<void> {
  // Another backend's state is asked for by Pulumi itself: it is slower to get.
  const { resources = [] } = pulumi.isLocal ? ((await pulumi.state()) ?? {}) : {};
  if (!pulumi.isLocal || resources.some(({ type }) => type === TYPES.namespace)) return;
  const found = await cluster.try([
    "get",
    "namespace",
    namespace,
    "--ignore-not-found",
    "--output",
    "name",
  ]);
  if (found.stdout.trim() === "") return;
  throw new UserError({
    what: `namespace ${namespace} is there already`,
    why: `stack "${pulumi.stack}" of this clone hasn't made it: another clone's stack has, or someone by hand`,
    next: `destroy it from there, or kubectl --context ${kubeContext} delete namespace ${namespace}, or choose another: pulumi config set namespace <name> --stack ${pulumi.stack}`,
  });
}
