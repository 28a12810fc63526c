import { tryRun } from "../../common/run";
import { DATABASE_PORT, findDatabase } from "../../components/database/container";
import { listNodes } from "../../components/minikube/profile";
import { databaseName } from "../../components/names";
import type { Cluster, Pod } from "../session/cluster";
import { type Session, usesLocalDatabase } from "../session/session";
import { check } from "./check";
import { isMeant, servicePods } from "./cluster";
import { type Finding, lastLine, ok, problem, warning } from "./finding";

const SUBJECT = "database from inside the cluster";
const CONNECT_SECONDS = 5;
const MAX_WORDS = 300;

/** Prints the back end's readiness, which tells of its database; fails where it isn't ready. */
const READINESS = `
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen("http://127.0.0.1:7860/ready", timeout=${CONNECT_SECONDS}).read().decode())
except urllib.error.HTTPError as error:
    print(error.read().decode())
    sys.exit(1)
`;

/** Connects to the database's port. Of the URL nothing is printed: it has the password. */
const CONNECTION = `
import os, socket, sys, urllib.parse
try:
    url = urllib.parse.urlsplit(os.environ["DATABASE_URL"])
    address = (url.hostname, url.port or 5432)
except (KeyError, ValueError):
    sys.exit("DATABASE_URL can't be read")
try:
    socket.create_connection(address, ${CONNECT_SECONDS})
except OSError as error:
    sys.exit(str(error))
`;

/** The container of a stack's local database. */
export const localDatabase = check(
  "local database",
  ["databasePort", "session", "engine"],
  async ({ session }) => {
    const name = databaseName(session.stack);
    const found = await findDatabase(name);
    if (found.running) return [ok(name, "runs")];
    const remedy = `npm run up -- --stack ${session.stack} starts it`;
    return [problem(name, found.status ?? "missing", remedy)];
  },
);

/** The database, as pods see it: by the back end itself, else by whatever of the cluster can ask. */
export const reachability = check(SUBJECT, ["session", "cluster"], async ({ session, cluster }) => {
  const pods = (await servicePods(cluster, "backend")).filter(isMeant);
  const serving = pods.filter((pod) => runs(pod.status.containerStatuses, "backend"));
  if (serving.length > 0)
    return Promise.all(serving.map((pod) => readiness(session, cluster, pod)));
  const migrating = pods.find((pod) => runs(pod.status.initContainerStatuses, "migrate"));
  if (migrating) return [await connection(session, cluster, migrating)];
  const failed = pods.flatMap((pod) => migrationFailure(session, pod)).slice(0, 1);
  return [...failed, ...(await fromNodes(session))];
});

function runs(containers: Pod["status"]["containerStatuses"], name: string): boolean {
  return containers?.some((each) => each.name === name && each.state.running) ?? false;
}

async function readiness(session: Session, cluster: Cluster, pod: Pod): Promise<Finding> {
  const { name } = pod.metadata;
  const result = await inPod(cluster, name, "backend", READINESS);
  if (result.code === 0) return ok(SUBJECT, `reachable, says ${name}`);
  const reason = databaseCheck(result.stdout) ?? lastWords(result.stderr);
  return problem(SUBJECT, `${name} isn't ready: ${reason}`, remedy(session));
}

/** What the back end's readiness says of the database. */
function databaseCheck(answer: string): string | undefined {
  try {
    const { checks } = JSON.parse(answer) as { checks: Record<string, string> };
    return Object.entries(checks)
      .map(([name, state]) => `${name} ${state}`)
      .join(", ");
  } catch {
    return undefined;
  }
}

async function connection(session: Session, cluster: Cluster, pod: Pod): Promise<Finding> {
  const { name } = pod.metadata;
  const result = await inPod(cluster, name, "migrate", CONNECTION);
  if (result.code === 0) return ok(SUBJECT, `reachable from ${name}, which migrates it`);
  const reason = lastWords(result.stderr);
  return problem(SUBJECT, `not reachable from ${name}: ${reason}`, remedy(session));
}

/** Runs Python in a container of a pod. */
export function inPod(
  cluster: Cluster,
  pod: string,
  container: string,
  script: string,
): ReturnType<Cluster["try"]> {
  return cluster.try(["exec", pod, "--container", container, "--", "python", "-c", script]);
}

/** What a command in a pod said at last, without what kubectl adds. */
function lastWords(stderr: string): string {
  return lastLine(stderr.replace(/^command terminated with exit code \d+$/m, "")) || "no answer";
}

/** The last words of a migration that has failed. */
function migrationFailure(session: Session, { metadata, status }: Pod): Finding[] {
  return (status.initContainerStatuses ?? []).flatMap(({ state, lastState }) => {
    const ended = state.terminated ?? lastState?.terminated;
    if (!ended || ended.exitCode === 0) return [];
    const words =
      lastLine(ended.message ?? "").slice(0, MAX_WORDS) || `exit code ${ended.exitCode}`;
    return [problem(SUBJECT, `${metadata.name} can't migrate it: ${words}`, remedy(session))];
  });
}

/** No back end runs: the nodes can at least ask for a local database, by the pods' way out of the cluster. */
async function fromNodes(session: Session): Promise<Finding[]> {
  const { settings, stack } = session;
  const { delivery } = settings;
  const nodes =
    delivery.kind === "minikube" && usesLocalDatabase(settings)
      ? await listNodes(delivery.profile).catch(() => [])
      : [];
  if (nodes.length === 0)
    return [
      warning(
        SUBJECT,
        "not checked: no back-end pod runs that could ask",
        `npm run up -- --stack ${stack}; while it waits, npm run logs -- --component backend --stack ${stack} tells what the migration says`,
      ),
    ];
  return Promise.all(nodes.map(({ container }) => fromNode(session, container)));
}

async function fromNode(session: Session, node: string): Promise<Finding> {
  const at = `${databaseName(session.stack)}:${DATABASE_PORT}`;
  const connect = [
    "timeout",
    `${CONNECT_SECONDS}`,
    "bash",
    "-c",
    `</dev/tcp/${at.replace(":", "/")}`,
  ];
  const result = await tryRun("docker", ["exec", node, ...connect]);
  if (result.code === 0)
    return ok(SUBJECT, `${at} answers node ${node} (no back-end pod runs that could ask)`);
  const reason = /: ([^:]+)$/.exec(lastLine(result.stderr))?.[1] ?? "no answer";
  return problem(
    SUBJECT,
    `node ${node} doesn't reach ${at}: ${reason}`,
    `npm run up -- --stack ${session.stack} starts it, on the network of the nodes`,
  );
}

function remedy({ settings, stack }: Session): string {
  const way = usesLocalDatabase(settings)
    ? "see that its container runs, on the network of the nodes (npm run up puts it there)"
    : "see that databaseUrl is right and that the cluster's network reaches its host";
  return `${way}; npm run logs -- --component backend --stack ${stack} tells more`;
}
