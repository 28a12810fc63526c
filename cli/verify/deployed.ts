import type { KubernetesObject } from "../../blueprints/kubernetes/objects";
import type { Finding } from "../../blueprints/rule";
import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";
import { RELEASE } from "../../components/names";
import { checkNone } from "../session/cluster";
import type { Session } from "../session/session";
import { imageFindings, objectFindings } from "./sources";

/** Secrets are left out: no rule may see what they hold. */
const KINDS = [
  ...["deployments", "services", "configmaps", "serviceaccounts", "poddisruptionbudgets"],
  ...["roles", "rolebindings"],
].join(",");
/** What the cluster itself puts into every namespace. */
const OWN = ["kube-root-ca.crt", "default"];
const TEST_LIMIT_MS = 5 * 60_000;

/** One of the chart's tests, as Helm ran it on the cluster. */
export interface TestRun {
  name: string;
  passed: boolean;
  /** What Helm has said, where it tells of no test that failed. */
  reason?: string;
}

/** What the blueprints find in what runs: the objects of the stack's namespace, and their images. */
export async function deployedFindings({ cluster, tools }: Session): Promise<Finding[]> {
  const objects = [
    ...(await cluster.list<KubernetesObject>(KINDS)),
    ...(await cluster.list<KubernetesObject>("namespaces")).filter(
      ({ metadata }) => metadata?.name === cluster.namespace,
    ),
  ].filter(({ metadata }) => !OWN.includes(metadata?.name ?? ""));
  if (!objects.some(({ kind }) => kind === "Deployment")) {
    await checkNone(cluster, KINDS);
    throw new UserError({
      what: `nothing runs in the namespace ${cluster.namespace}`,
      why: "the stack isn't deployed, or its cluster doesn't answer",
      next: "npm run up, or npm run doctor",
    });
  }
  const findings = objectFindings(objects);
  for (const image of imagesOf(objects)) {
    const isHere = await tryRun("docker", ["image", "inspect", image], { env: tools.env });
    // What was built on another machine can't be looked into from here.
    if (isHere.code === 0) findings.push(...(await imageFindings(image, tools.env)));
  }
  return findings;
}

/** Runs the chart's own tests against what runs. */
export async function helmTests({ cluster, tools }: Session): Promise<TestRun[]> {
  const context = cluster.arguments[1] ?? "";
  const target = ["--kube-context", context, "--namespace", cluster.namespace];
  const result = await tryRun("helm", ["test", RELEASE, ...target], {
    env: tools.env,
    timeoutMs: TEST_LIMIT_MS,
  });
  const late = result.code === 124 ? `it took more than ${TEST_LIMIT_MS / 60_000} min` : "";
  return testRuns(result.stdout, result.code === 0, late || result.stderr.trim());
}

/** The tests that Helm tells of; where it tells of none, the command itself is the one. */
export function testRuns(output: string, passed: boolean, reason = ""): TestRun[] {
  const suites = [...output.matchAll(/^TEST SUITE:\s+(\S+)$[\s\S]*?^Phase:\s+(\S+)$/gm)];
  const runs = suites.map(([, name = "", phase]) => ({ name, passed: phase === "Succeeded" }));
  const known = runs.some((run) => !run.passed) || (passed && runs.length > 0);
  return known ? runs : [...runs, { name: "helm test", passed, ...(reason && { reason }) }];
}

function imagesOf(objects: readonly KubernetesObject[]): Set<string> {
  const containers = objects.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []);
  return new Set(containers.flatMap(({ image }) => image ?? []));
}
