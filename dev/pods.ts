import type { Cluster, Pod } from "../cli/session/cluster";
import { DEV_LABEL, type DevComponent } from "../components/settings/dev-mode";

/** How a component's pods stand. */
export type DevPod =
  | { state: "running"; pod: string }
  /** None runs yet, or any more: one is on its way. */
  | { state: "waiting" }
  /** It runs its image again. */
  | { state: "image" };

/** The pod of a component that takes edits. @param pods the release's */
export function devPod(pods: readonly Pod[], component: DevComponent): DevPod {
  const own = pods.filter(
    ({ metadata }) =>
      metadata.labels?.["app.kubernetes.io/component"] === component &&
      metadata.deletionTimestamp === undefined,
  );
  const marked = own.filter(({ metadata }) => metadata.labels?.[DEV_LABEL] === "true");
  const running = marked
    .filter(({ status }) => status.containerStatuses?.some(({ state }) => state.running))
    .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
  const [newest] = running;
  if (newest) return { state: "running", pod: newest.metadata.name };
  if (marked.length > 0 || own.length === 0) return { state: "waiting" };
  return { state: "image" };
}

/** kubectl's arguments for a stream to a component's supervisor. */
export function attachCommand(
  cluster: Cluster,
  pod: string,
  component: DevComponent,
  command: readonly string[],
): string[] {
  return [
    "kubectl",
    ...cluster.arguments,
    ...["exec", "--stdin", pod, "--container", component, "--", ...command],
  ];
}
