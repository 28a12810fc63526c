/** Containers that tests have started: which they are, and that they go. */
import { say } from "../../common/progress";
import { tryRun } from "../../common/run";
import { isMarked, MARK_VARIABLE } from "./processes";

/** Label of every container that tests start; its value is the mark of their part. */
const LABEL = "todo-app-tests.mark";
const LIMIT_MS = 60_000;

interface Container {
  id: string;
  name: string;
}

/** Arguments of `docker run` and `docker create` by which a container goes at the end of its part, at the latest. */
export function containerMark(env: NodeJS.ProcessEnv = process.env): string[] {
  const mark = env[MARK_VARIABLE];
  return mark === undefined ? [] : ["--label", `${LABEL}=${mark}`];
}

/** The containers that a part has left, or a run within it; none where Docker doesn't run. */
export async function leftBy(mark: string, env: NodeJS.ProcessEnv): Promise<Container[]> {
  const found = await list(["--filter", `label=${LABEL}`], env);
  return found.filter(({ label }) => isMarked(label, mark));
}

/** The containers on a Docker network, the nodes of a Minikube profile of that name left aside. */
export async function containersOf(network: string, env: NodeJS.ProcessEnv): Promise<Container[]> {
  const found = await list(["--filter", `network=${network}`], env);
  return found.filter(({ name }) => name !== network && !name.startsWith(`${network}-m0`));
}

/** Takes containers away, with their volumes. */
export async function removeContainers(
  containers: readonly Container[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const { id, name } of containers) {
    say(`– container ${name} was left, and is removed`);
    await tryRun("docker", ["rm", "--force", "--volumes", id], { env, timeoutMs: LIMIT_MS });
    // A stack's database has a volume of its name.
    await tryRun("docker", ["volume", "rm", name], { env, timeoutMs: LIMIT_MS });
  }
}

async function list(
  filter: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<(Container & { label: string })[]> {
  const format = `{{.ID}}\t{{.Names}}\t{{.Label "${LABEL}"}}`;
  const args = ["ps", "--all", "--no-trunc", ...filter, "--format", format];
  const { stdout } = await tryRun("docker", args, { env, timeoutMs: LIMIT_MS });
  return stdout.split("\n").flatMap((line) => {
    const [id = "", name = "", label = ""] = line.split("\t");
    return id === "" ? [] : [{ id, name, label }];
  });
}
