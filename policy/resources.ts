import { join } from "node:path";
import type { PolicyResource } from "@pulumi/policy";
import { dockerfileRules } from "../blueprints/docker";
import { readDockerfile } from "../blueprints/docker/parse";
import { helmRules } from "../blueprints/helm";
import { readChart } from "../blueprints/helm/chart";
import { kubernetesRules } from "../blueprints/kubernetes";
import { type KubernetesObject, Objects } from "../blueprints/kubernetes/objects";
import { check, type Finding } from "../blueprints/rule";

/** A resource as a policy sees it. */
export type Resource = Pick<PolicyResource, "type" | "name" | "props" | "urn">;

/** A finding, and the resource that it is about. */
export interface Violation {
  finding: Finding;
  urn: string;
}

const DOCKER_IMAGE = "docker:index/image:Image";
const RELEASE = "kubernetes:helm.sh/v3:Release";
/** Holds a release's rendered objects, which Pulumi's Release shows nobody. */
const DEPLOYED_OBJECTS = /:DeployedObjects$/;

/**
 * What the blueprints find in a stack's resources: in Kubernetes objects, in those of a release, and, where
 * their files are here, in charts and Dockerfiles.
 * @param project folder that the paths in the resources start from
 */
export function violations(resources: readonly Resource[], project: string): Violation[] {
  const objects = resources.flatMap(objectsIn);
  const urns = new Map(objects.map(({ object, urn }) => [id(object), urn]));
  const found = check(kubernetesRules, new Objects(objects.map(({ object }) => object)));
  return [
    ...found.map((finding) => ({ finding, urn: urns.get(finding.object) ?? "" })),
    ...resources.flatMap((resource) => filesOf(resource, project)),
  ];
}

function objectsIn(resource: Resource): { object: KubernetesObject; urn: string }[] {
  const { type, props, urn } = resource;
  if (DEPLOYED_OBJECTS.test(type))
    return Object.values((props.objects ?? {}) as Record<string, KubernetesObject>).map(
      (object) => ({ object, urn }),
    );
  const isObject = type.startsWith("kubernetes:") && typeof props.kind === "string";
  return isObject ? [{ object: props as KubernetesObject, urn }] : [];
}

function filesOf({ type, props, urn }: Resource, project: string): Violation[] {
  const report = (findings: Finding[]): Violation[] =>
    findings.map((finding) => ({ finding, urn }));
  if (type === RELEASE && typeof props.chart === "string")
    return report(ifThere(() => check(helmRules, readChart(join(project, props.chart)))));
  const dockerfile: unknown = props.build?.dockerfile ?? props.dockerfile?.location;
  if (type === DOCKER_IMAGE && typeof dockerfile === "string")
    return report(
      ifThere(() =>
        check(dockerfileRules, { ...readDockerfile(join(project, dockerfile)), name: dockerfile }),
      ),
    );
  return [];
}

/** A state may be looked at where the files that it names aren't. */
function ifThere(look: () => Finding[]): Finding[] {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function id({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata?.name}`;
}
