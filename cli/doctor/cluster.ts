import { PART_OF } from "../../components/names";
import { DEV_LABEL } from "../../components/settings/dev-mode";
import type { Cluster, Pod } from "../session/cluster";
import { troubleOf } from "../update/pod-trouble";
import { check } from "./check";
import { type Finding, lastLine, ok, problem, warning } from "./finding";

const DNS = ["--namespace", "kube-system", "--selector", "kubernetes.io/service-name=kube-dns"];

/** The pods of both services. */
export const pods = check("pods", ["session", "cluster"], async ({ session, cluster }) => {
  const { stack } = session;
  const found = (await servicePods(cluster)).filter(isMeant);
  if (found.length === 0)
    return [
      warning("pods", `none in namespace ${cluster.namespace}`, `npm run up -- --stack ${stack}`),
    ];
  const unready = found.filter((pod) => !isReady(pod));
  const count = `${found.length - unready.length} of ${found.length} ready`;
  const developed = devPods(found, stack);
  if (unready.length === 0) return [ok("pods", count), ...developed];
  const troubles = unready.map(
    (pod) => `${pod.metadata.name} ${troubleOf(pod)?.reason ?? "is starting"}`,
  );
  const remedy = `npm run logs -- --stack ${stack} tells why`;
  return [problem("pods", [count, ...troubles].join("; "), remedy), ...developed];
});

/** Pods that run what somebody's editor has saved, as a terminal that was killed leaves them. */
function devPods(found: readonly Pod[], stack: string): Finding[] {
  return found
    .filter(({ metadata }) => metadata.labels?.[DEV_LABEL] === "true")
    .map(({ metadata }) =>
      warning(
        "dev pods",
        `the ${metadata.labels?.component} is a dev pod since ${metadata.creationTimestamp}`,
        `npm run dev -- --stack ${stack} goes on with it, npm run up -- --stack ${stack} ends it`,
      ),
    );
}

/** Without the cluster's DNS the front end doesn't find the back end, nor the back end its database. */
export const dns = check("cluster DNS", ["cluster"], async ({ cluster }) => {
  const slices = await listed<{ endpoints?: { conditions: { ready?: boolean } }[] | null }>(
    cluster,
    ["endpointslices", ...DNS],
  );
  const servers = slices.flatMap(({ endpoints }) => endpoints ?? []);
  const ready = servers.filter(({ conditions }) => conditions.ready).length;
  if (ready > 0) return [ok("cluster DNS", `${ready} server(s) ready`)];
  const kubectl = `kubectl --context ${cluster.context} --namespace kube-system`;
  return [
    problem(
      "cluster DNS",
      "no server is ready, so no pod finds a Service by its name",
      `${kubectl} get pods --selector k8s-app=kube-dns tells why; ${kubectl} rollout restart deployment/coredns`,
    ),
  ];
});

/** The pods of the back end and the front end, or of one of them. */
export async function servicePods(
  cluster: Cluster,
  component: "backend" | "frontend" | undefined = undefined,
): Promise<Pod[]> {
  const all = await listed<Pod>(cluster, ["pods", "--selector", PART_OF]);
  return all.filter(({ metadata }) => {
    const own = metadata.labels?.component ?? "";
    return component === undefined ? /^(backend|frontend)$/.test(own) : own === component;
  });
}

/** Whether a pod should serve: it neither goes nor is what an eviction has left. */
export function isMeant({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && !/^(Failed|Succeeded)$/.test(status.phase);
}

function isReady({ status }: Pod): boolean {
  return status.containerStatuses?.every(({ ready }) => ready) ?? false;
}

/** The objects of a kind; other than by `Cluster.list`, none means none. @throws Error where it isn't told */
export async function listed<T>(cluster: Cluster, args: readonly string[]): Promise<T[]> {
  const result = await cluster.try(["get", ...args, "--output", "json"]);
  if (result.code === 0) return (JSON.parse(result.stdout) as { items: T[] }).items;
  throw new Error(lastLine(result.stderr) || `kubectl get ${args[0]} took too long`);
}
