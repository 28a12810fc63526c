import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveredImage, ImageDelivery } from "../images/delivery";
import { networkValues } from "../network/pod-network";
import { CHART } from "../record/deployment";
import { ChartRelease, type ChartReleaseArgs } from "../release/chart-release";
import { knownOr } from "../release/render";
import type { JsonObject } from "../runtime/json";
import type { DevMode } from "../settings/dev-mode";
import type { Resources } from "../settings/resources";
import type { Settings } from "../settings/settings";
import { completeValues, UNKNOWN_CHECKSUM } from "./complete-values";
import { besideOwnLists } from "./own-lists";

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
      ...besideOwnLists(
        CHART,
        "backend",
        networkValues(settings, "backend", settings.backendVariables),
      ),
    },
    frontend: {
      replicaCount: settings.replicas,
      image: image(frontend),
      ...(dev.frontend ? DEV_POD : {}),
      resources: resources(settings.frontendResources),
      ...besideOwnLists(CHART, "frontend", networkValues(settings, "frontend")),
      publicUrl: url,
      trustedOrigins: [...new Set([...settings.trustedOrigins, ...args.otherOrigins])].filter(
        (origin) => origin !== url,
      ),
      trustedProxies: settings.trustedProxies,
      chatkitDomainKey: settings.chatkitDomainKey,
      service: {
        type: service.type,
        externalTrafficPolicy: service.externalTrafficPolicy,
        ...(service.type === "NodePort" ? { nodePort: service.nodePort } : {}),
        ...(service.clusterIp ? { clusterIP: service.clusterIp } : {}),
      },
    },
    database: { poolSize: settings.database.poolSize },
  };
}

/** What is released, and where. */
export interface AppReleaseArgs
  extends Pick<
    ChartReleaseArgs,
    "release" | "namespace" | "chart" | "kubeContext" | "timeoutSeconds" | "needs"
  > {
  values: JsonObject;
  /** The Secret that the pods read, and its fingerprint. */
  secret: { name: pulumi.Output<string>; checksum: pulumi.Output<string> };
}

/** The release of both services. */
export class AppRelease extends ChartRelease {
  constructor(
    name: string,
    args: AppReleaseArgs,
    opts: pulumi.ComponentResourceOptions & { provider: Provider },
  ) {
    const { secret, chart } = args;
    const valuesBy = (checksum: pulumi.Output<string>): pulumi.Output<JsonObject> =>
      pulumi
        .all([secret.name, checksum])
        .apply(([secretName, known]) =>
          completeValues(args.values, chart, { name: secretName, checksum: known }),
        );
    const values = valuesBy(secret.checksum);
    const shownValues = valuesBy(knownOr(secret.checksum, UNKNOWN_CHECKSUM));
    super(name, { ...args, values, shownValues }, opts, "todo-app:components:AppRelease");
  }
}

function resources({ requests, limits }: Resources): JsonObject {
  return { requests: { ...requests }, limits: { ...limits } };
}
