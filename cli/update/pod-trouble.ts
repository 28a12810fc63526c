import type { ContainerStatus, Pod } from "../session/cluster";

/** What is wrong with a pod. */
export interface Trouble {
  /** The container that it is about; "" where it is about none. */
  container: string;
  reason: string;
  /** Milliseconds for which it may be seen until waiting longer makes no sense; Infinity where it may pass. */
  patienceMs: number;
}

/** How a pod's images and nodes come, and for how long it has been seen. */
export interface Circumstances {
  /** Whether images are put on the nodes beforehand, so that no pull is meant; default false. */
  isLoaded?: boolean;
  /** Whether the cluster may get further nodes by itself; default false. */
  grows?: boolean;
  /** Milliseconds since the pod was first seen, by this machine's clock; default Infinity. */
  seenMs?: number;
}

/** After which a pod that is still on its way is looked into. */
const ON_ITS_WAY_MS = 15_000;
/** How long a pod may wait for room where nobody adds nodes. */
const UNSCHEDULED_MS = 15_000;
/** Seen twice, some seconds apart: the kubelet has tried again meanwhile, or is about to. */
const TWICE_MS = 3_000;
/** The kubelet's third pull comes after 10 and 20 s of back-off: by then a hiccup is over. */
const PULLS_MS = 45_000;
/**
 * Restarts after which a crash loop is one: the kubelet starts a container again at once, then after 10 s. A second
 * fall is seen twice before it counts, a third one counts at once.
 */
const FALLEN_TWICE = 1;
/** How a registry says that it has no such image, or not for this cluster. */
const REFUSED =
  /not found|manifest unknown|does not exist|denied|unauthori[sz]ed|no basic auth|\b40[134]\b/i;
const IMAGE_REASONS = /^(ErrImage|ImagePull|InvalidImage)/;
const UNSCHEDULED = "not scheduled";

/** What is wrong with a pod; undefined where it is ready, or on its way. */
export function troubleOf(pod: Pod, circumstances: Circumstances = {}): Trouble | undefined {
  const statuses = [
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.containerStatuses ?? []),
  ];
  for (const status of statuses) {
    const trouble = containerTrouble(status, circumstances);
    if (trouble) return trouble;
  }
  const { grows = false, seenMs = Number.POSITIVE_INFINITY } = circumstances;
  const unscheduled = pod.status.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unscheduled)
    return {
      container: "",
      reason: `${UNSCHEDULED}: ${unscheduled.message ?? ""}`,
      patienceMs: grows ? Number.POSITIVE_INFINITY : UNSCHEDULED_MS,
    };
  if (seenMs <= ON_ITS_WAY_MS) return undefined;
  const first = pod.status.initContainerStatuses?.find(({ state }) => state.running);
  if (first) return mayPass(first.name, `container ${first.name} still runs`);
  const running = pod.status.containerStatuses?.find(({ state, ready }) => state.running && !ready);
  return running ? mayPass(running.name, "runs but isn't ready") : undefined;
}

/** Whether a container has no log because it never had an image. */
export function isImageTrouble({ reason }: Trouble): boolean {
  return IMAGE_REASONS.test(reason);
}

function mayPass(container: string, reason: string): Trouble {
  return { container, reason, patienceMs: Number.POSITIVE_INFINITY };
}

function containerTrouble(
  status: ContainerStatus,
  circumstances: Circumstances,
): Trouble | undefined {
  const { waiting, terminated } = status.state;
  const container = status.name;
  const patienceMs = patienceWith(status, circumstances);
  if (patienceMs !== undefined) {
    const last = status.lastState?.terminated;
    const cause = last?.reason && last.reason !== "Error" ? ` (${last.reason})` : "";
    const exit = last ? `, exit code ${last.exitCode}${cause}` : "";
    const reason = waiting?.reason ?? "";
    const what = IMAGE_REASONS.test(reason) ? ` (${status.image})` : exit;
    return { container, reason: `${reason}${what}`, patienceMs };
  }
  if (terminated && terminated.exitCode !== 0)
    return mayPass(
      container,
      `container ${container} ended with exit code ${terminated.exitCode}${terminated.reason ? ` (${terminated.reason})` : ""}`,
    );
  return undefined;
}

/** How long what a container waits for may last; undefined where it is no trouble. */
function patienceWith(
  { state, restartCount }: ContainerStatus,
  { isLoaded = false }: Circumstances,
): number | undefined {
  const { reason, message = "" } = state.waiting ?? {};
  switch (reason) {
    case "ErrImageNeverPull":
    case "InvalidImageName":
      return 0;
    case "ErrImagePull":
    case "ImagePullBackOff":
      return isLoaded ? 0 : REFUSED.test(message) ? TWICE_MS : PULLS_MS;
    case "CreateContainerConfigError":
      return TWICE_MS;
    case "CreateContainerError":
    case "RunContainerError":
      return PULLS_MS / 3; // the runtime may be busy: the kubelet tries again within seconds
    case "CrashLoopBackOff":
      if (restartCount < FALLEN_TWICE) return Number.POSITIVE_INFINITY;
      return restartCount === FALLEN_TWICE ? TWICE_MS : 0;
    default:
      return undefined;
  }
}
