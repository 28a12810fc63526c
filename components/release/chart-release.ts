import { Release } from "@pulumi/kubernetes/helm/v3/release";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../runtime/json";
import { LocalResource } from "../runtime/local-resource";
import { type KubernetesObject, type Rendering, renderChart } from "./render";

/** Revisions that Helm keeps; a rollback by this program needs none of them. */
const MAX_HELM_REVISIONS = 10;

/** What is released, and where. */
export interface ChartReleaseArgs {
  /** Name of the release. */
  release: string;
  namespace: pulumi.Output<string>;
  /** Folder of the chart, relative to the project: an absolute path would differ between machines. */
  chart: string;
  values: pulumi.Input<JsonObject>;
  /** The values as far as a preview knows them; the same unless given: with an unknown value no object is shown. */
  shownValues?: pulumi.Input<JsonObject>;
  /** What must be there first, such as images. */
  needs: pulumi.Resource[];
  /** Context of the kubeconfig, for the look at what is deployed. */
  kubeContext: string;
  /** Seconds until a rollout that isn't ready is undone. */
  timeoutSeconds: number;
}

/**
 * An atomic Helm release, and beside it the objects that it consists of: Pulumi's Release shows neither what
 * a change does to the cluster's objects nor what someone did to them.
 */
export class ChartRelease extends pulumi.ComponentResource {
  readonly release: Release;
  readonly objects: LocalResource;

  /** @param type Pulumi's token for the component, which stands in the state */
  constructor(
    name: string,
    args: ChartReleaseArgs,
    opts: pulumi.ComponentResourceOptions & { provider: Provider },
    type = `${pulumi.getProject()}:release:ChartRelease`,
  ) {
    super(type, name, {}, opts);
    const { provider } = opts;
    const { release, namespace, chart, values, kubeContext } = args;
    this.release = new Release(
      name,
      {
        ...{ name: release, namespace, chart, values },
        atomic: true,
        timeout: args.timeoutSeconds,
        maxHistory: MAX_HELM_REVISIONS,
      },
      { parent: this, dependsOn: args.needs },
    );
    const objects = pulumi
      .all([args.shownValues ?? values, namespace])
      .apply(([shown, where]) => render({ ...args, namespace: where }, shown, provider));
    this.objects = new DeployedObjects(
      `${name}-objects`,
      { kubeContext, release, namespace, objects, timeoutSeconds: args.timeoutSeconds },
      { parent: this, dependsOn: this.release },
    );
    this.registerOutputs({ status: this.release.status });
  }
}

/** The chart's objects by "Kind/name"; hooks are no part of the release. */
async function render(
  { chart, release, namespace }: Omit<Rendering, "values">,
  values: JsonObject,
  provider: Provider,
): Promise<Record<string, KubernetesObject>> {
  const result = await renderChart({ chart, release, namespace, values }, provider);
  const own = result.filter(({ metadata }) => !metadata.annotations?.["helm.sh/hook"]);
  return Object.fromEntries(
    own.map((object) => [`${object.kind}/${object.metadata.name}`, object]),
  );
}

class DeployedObjects extends LocalResource {
  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super(
      "deployed-objects",
      "DeployedObjects",
      name,
      { ...props, maskKey: undefined },
      { ...opts, additionalSecretOutputs: ["maskKey"] },
    );
  }
}
