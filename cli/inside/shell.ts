import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../common/errors";
import { step } from "../../common/progress";
import { localImageId } from "../../components/images/docker";
import { imageStores } from "../../components/minikube/node-images";
import { PART_OF } from "../../components/names";
import { checkNone, type Pod } from "../session/cluster";
import { BASE_IMAGES, type Session } from "../session/session";
import { requireCluster } from "../update/preflight";
import { interactively, isTerminal } from "./terminal";

/** The kubelet looks at its containers every second, and may be busy. */
const TOLD_WITHIN_MS = 15_000;

/** What a shell can be opened beside. */
export const COMPONENTS = ["backend", "frontend"] as const;
export type Component = (typeof COMPONENTS)[number];

/** How a shell is to be. */
export interface ShellOptions {
  /** Default: the base image of the component, which has its language and a shell. */
  image: string | undefined;
  /** Run instead of an interactive shell. */
  command: string | undefined;
}

/** A pod with what decides as whom its containers run. */
type DebuggedPod = Pod & {
  spec: {
    securityContext?: { runAsUser?: number; runAsGroup?: number };
    containers: { name: string }[];
  };
  status: {
    ephemeralContainerStatuses?: { name: string; state: { terminated?: { exitCode: number } } }[];
  };
};

/**
 * Opens a shell beside a component's container: an ephemeral container, as Pod Security "restricted" asks for,
 * in the same process namespace and as the same user, so that it sees the container's files.
 * @returns the shell's exit code, and the pod
 */
export async function debugShell(
  session: Session,
  component: Component,
  { image = BASE_IMAGES[component], command }: ShellOptions,
): Promise<{ code: number; pod: string }> {
  const { cluster, settings, tools, stack } = session;
  await requireCluster(settings, cluster);
  const selector = `${PART_OF},component=${component}`;
  const pods = await cluster.list<DebuggedPod>("pods", "--selector", selector);
  if (pods.length === 0) await checkNone(cluster, "pods");
  const pod = pods.find(
    ({ status, metadata }) => status.phase === "Running" && !metadata.deletionTimestamp,
  );
  if (!pod)
    throw new UserError({
      what: `stack "${stack}" has no running ${component} pod`,
      why: `there is none in namespace ${cluster.namespace}`,
      next: `npm run status -- --stack ${stack}`,
    });
  await deliver(session, image);
  const name = `shell-${randomBytes(3).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "todo-app-shell-"));
  try {
    const profile = join(folder, "container.json");
    writeFileSync(profile, JSON.stringify(containerFor(pod)));
    const shell = command === undefined ? ["sh"] : ["sh", "-c", command];
    const code = await interactively(
      "kubectl",
      [
        ...cluster.arguments,
        ...["debug", pod.metadata.name, "--quiet", "--profile=restricted", "--custom", profile],
        ...["--container", name, "--target", pod.spec.containers[0]?.name ?? component],
        ...["--image", image, "--image-pull-policy=IfNotPresent", "--stdin"],
        ...(isTerminal() ? ["--tty"] : []),
        ...["--", ...shell],
      ],
      tools.env,
    );
    // kubectl's own exit code says nothing of the shell's.
    return {
      code: code || (await exitCode(session, pod.metadata.name, name)),
      pod: pod.metadata.name,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same user as the pod's own: only that one may look into its processes. */
function containerFor({ spec }: DebuggedPod): object {
  const { runAsUser, runAsGroup } = spec.securityContext ?? {};
  return { env: [{ name: "HOME", value: "/tmp" }], securityContext: { runAsUser, runAsGroup } };
}

/** Minikube's nodes get an image from this machine, where it is; any other cluster pulls it. */
async function deliver({ settings }: Session, image: string): Promise<void> {
  const { delivery } = settings;
  if (delivery.kind !== "minikube" || !(await localImageId(image))) return;
  for (const store of await imageStores(delivery.profile)) {
    if (await store.idOf(image)) continue;
    await step(`image ${image} to the node`, () => store.add(image));
  }
}

/**
 * The exit code of a shell that has ended, which the kubelet tells some seconds later.
 * @throws UserError where it isn't told: a command that failed must not look like one that went well
 */
async function exitCode({ cluster }: Session, pod: string, container: string): Promise<number> {
  const deadline = Date.now() + TOLD_WITHIN_MS;
  for (;;) {
    const { stdout } = await cluster.try(["get", "pod", pod, "--output", "json"]);
    const { status } = JSON.parse(stdout || '{"status":{}}') as Pick<DebuggedPod, "status">;
    const found = status.ephemeralContainerStatuses?.find(({ name }) => name === container);
    if (found?.state.terminated) return found.state.terminated.exitCode;
    if (Date.now() >= deadline) break;
    await sleep(500);
  }
  throw new UserError({
    what: "how the shell has ended isn't known",
    why: `container ${container} of pod ${pod} hasn't told its exit code`,
    next: `kubectl ${cluster.arguments.join(" ")} describe pod ${pod}`,
  });
}
