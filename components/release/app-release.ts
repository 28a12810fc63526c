import { Release } from "@pulumi/kubernetes/helm/v3/release";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveredImage, ImageDelivery } from "../images/delivery";
import { networkValues } from "../network/pod-network";
import type { JsonObject } from "../runtime/json";
import { LocalResource } from "../runtime/local-resource";
import type { DevMode } from "../settings/dev-mode";
import type { Resources } from "../settings/resources";
import type { Settings } from "../settings/settings";
import {
  completeValues,
  type KubernetesObject,
  knownOr,
  renderChart,
  UNKNOWN_CHECKSUM,
} from "./render";

/** Helm's own records; going back is by the kept deployments. */
const MAX_HELM_REVISIONS = 10;
const DEV_POD: JsonObject = { dev: { enabled: true } };

/** What the chart's values are computed from. */
export interface ValuesArgs {
  settings: Settings;
  /** Version of the application. */
  version: string;
  /** URL that users open. */
  url: string;
  /** Further origins under which users may sign in, beside those that are configured. */
  otherOrigins: readonly string[];
  backend: DeliveredImage;
  frontend: DeliveredImage;
  pullPolicy: ImageDelivery["pullPolicy"];
  /** Components that run synced sources. */
  dev: DevMode;
}

/** The chart's values but for what the Secret gives them; none of them is confidential. */
export function chartValues(args: ValuesArgs): JsonObject {
  const { settings, url, backend, frontend, pullPolicy, dev } = args;
  const { service } = settings;
  const image = ({ repository, tag }: DeliveredImage): JsonObject => ({
    repository,
    tag,
    pullPolicy,
  });
  return {
    global: {
      environment: settings.environment,
      logLevel: settings.logLevel,
      appVersion: args.version,
    },
    backend: {
      replicaCount: settings.replicas,
      image: image(backend),
      ...(dev.backend ? DEV_POD : {}),
      resources: resources(settings.backendResources),
      llm: { ...settings.llm },
      corsOrigins: settings.corsOrigins,
      allowedHosts: settings.allowedHosts,
      ...networkValues(settings, "backend", settings.backendVariables),
    },
    frontend: {
      replicaCount: settings.replicas,
      image: image(frontend),
      ...(dev.frontend ? DEV_POD : {}),
      resources: resources(settings.frontendResources),
      ...networkValues(settings, "frontend"),
      publicUrl: url,
      trustedOrigins: [...new Set([...settings.trustedOrigins, ...args.otherOrigins])].filter(
        (origin) => origin !== url,
      ),
      service: {
        type: service.type,
        ...(service.type === "NodePort" ? { nodePort: service.nodePort } : {}),
        ...(service.clusterIp ? { clusterIP: service.clusterIp } : {}),
      },
    },
    database: { poolSize: settings.database.poolSize },
  };
}

/** What is released, and where. */
export interface AppReleaseArgs {
  /** Name of the release. */
  release: string;
  namespace: pulumi.Output<string>;
  /** Folder of the chart, relative to the project: an absolute path would differ between machines. */
  chart: string;
  values: JsonObject;
  /** The Secret that the pods read, and its fingerprint. */
  secret: { name: pulumi.Output<string>; checksum: pulumi.Output<string> };
  /** What must be in the cluster first. */
  needs: pulumi.Resource[];
  kubeContext: string;
  /** Seconds until a rollout that isn't ready is undone. */
  timeoutSeconds: number;
}

/**
 * The Helm release, and beside it the objects that it consists of: Pulumi's Release shows neither what
 * a change does to the cluster's objects nor what someone did to them.
 */
export class AppRelease extends pulumi.ComponentResource {
  readonly release: Release;
  readonly objects: LocalResource;

  constructor(
    name: string,
    args: AppReleaseArgs,
    opts: pulumi.ComponentResourceOptions & { provider: Provider },
  ) {
    super("todo-app:components:AppRelease", name, {}, opts);
    const { provider } = opts;
    const { name: secretName, checksum } = args.secret;
    const values = pulumi
      .all([secretName, checksum])
      .apply(([name, fingerprint]) => valuesWith(args, name, fingerprint));
    this.release = new Release(
      name,
      {
        name: args.release,
        namespace: args.namespace,
        chart: args.chart,
        values,
        atomic: true,
        timeout: args.timeoutSeconds,
        maxHistory: MAX_HELM_REVISIONS,
      },
      { parent: this, dependsOn: args.needs },
    );
    const objects = pulumi
      .all([secretName, knownOr(checksum, UNKNOWN_CHECKSUM)])
      .apply(([name, known]) => render(args, valuesWith(args, name, known), provider));
    this.objects = new DeployedObjects(
      `${name}-objects`,
      { kubeContext: args.kubeContext, release: args.release, namespace: args.namespace, objects },
      { parent: this, dependsOn: this.release },
    );
    this.registerOutputs({ status: this.release.status });
  }
}

function valuesWith({ values, chart }: AppReleaseArgs, name: string, checksum: string): JsonObject {
  return completeValues(values, chart, { name, checksum });
}

/** The chart's objects by "Kind/name"; hooks are no part of the release. */
async function render(
  args: AppReleaseArgs,
  values: JsonObject,
  provider: Provider,
): Promise<Record<string, KubernetesObject>> {
  const namespace = await new Promise<string>((resolve) => args.namespace.apply(resolve));
  const { chart, release } = args;
  const result = await renderChart({ chart, release, namespace, values }, provider);
  const own = result.filter(({ metadata }) => !metadata.annotations?.["helm.sh/hook"]);
  return Object.fromEntries(
    own.map((object) => [`${object.kind}/${object.metadata.name}`, object]),
  );
}

function resources({ requests, limits }: Resources): JsonObject {
  return { requests: { ...requests }, limits: { ...limits } };
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
