import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../runtime/json";

/** A Kubernetes object, as far as the program looks into it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
}

/** What a chart is rendered with. */
export interface Rendering {
  /** Folder of the chart, relative to the project. */
  chart: string;
  release: string;
  namespace: string;
  /** All of its values. */
  values: JsonObject;
}

/** Renderings of this run: the blueprints and the release mostly ask for the same. */
const rendered = new Map<string, Promise<KubernetesObject[]>>();

/** A chart's objects, hooks included, rendered by the provider itself. */
export function renderChart(
  { chart, release, namespace, values }: Rendering,
  provider: Provider,
): Promise<KubernetesObject[]> {
  const options = { path: chart, namespace, release_name: release, values };
  const jsonOpts = JSON.stringify(options);
  const known = rendered.get(jsonOpts);
  if (known) return known;
  const invoked = pulumi.runtime.invoke("kubernetes:helm:template", { jsonOpts }, { provider });
  const objects = invoked.then(({ result }: { result: KubernetesObject[] }) => result);
  rendered.set(jsonOpts, objects);
  return objects;
}

/** In a preview, another value where only the update will tell it: all objects would be unknown with it. */
export function knownOr<T>(output: pulumi.Output<T>, other: T): pulumi.Output<T> {
  const { isKnown } = output as unknown as { isKnown: Promise<boolean> };
  return pulumi.output(isKnown.then((known) => (known ? output : other))) as pulumi.Output<T>;
}
