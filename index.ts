import * as pulumi from "@pulumi/pulumi";
import { OperationsAccess } from "./components/access/operations-access";
import { clusterProvider, localOrigins, publicUrl } from "./components/access/target";
import { Gate } from "./components/blueprints/gate";
import { AppRelease, chartValues } from "./components/chart/app-release";
import { LocalDatabase } from "./components/database/local-database";
import { AppImage } from "./components/images/app-image";
import { imageDelivery } from "./components/images/delivery";
import { RELEASE, SECRET } from "./components/names";
import { networkConfig } from "./components/network/pod-network";
import { CHART } from "./components/record/deployment";
import { DeploymentRecord } from "./components/record/record";
import { restoredDeployment } from "./components/record/restore";
import { AppSecrets } from "./components/secrets/app-secrets";
import { imageSource, isDev, NO_DEV } from "./components/settings/dev-mode";
import { stackDevMode, stackPlatform, stackSettings } from "./components/settings/stack-settings";
import { version } from "./package.json";

// Configuration: everything a stack may decide, and the deployment to return to, if any.
const DOCKERFILES = ["apps/backend/Dockerfile", "apps/frontend/Dockerfile"];
const stack = pulumi.getStack();
const settings = stackSettings();
const restored = restoredDeployment();
const dev = restored ? NO_DEV : stackDevMode(settings);
const cluster = clusterProvider(settings);
const address = publicUrl(settings);

// Nothing changes before the blueprints have passed what is to be released.
const gate = new Gate();

// Images, under tags that name their content, and their way into the cluster.
const delivery = imageDelivery(settings.delivery, stack);
const platform = stackPlatform(settings);
const image = (name: "backend" | "frontend") =>
  new AppImage(name, { context: `apps/${name}`, version, platform, ...imageSource(name, dev) });
const backend = delivery.deliver(image("backend"), restored?.tags.backend);
const frontend = delivery.deliver(image("frontend"), restored?.tags.frontend);

// What is to be deployed, noted before anything is changed, so that a rollback finds it.
const { pullPolicy } = delivery;
const deployment = restored ?? {
  version,
  chart: CHART,
  values: chartValues({
    ...{ settings, version, url: address, otherOrigins: localOrigins(settings) },
    ...{ backend, frontend, pullPolicy, dev },
  }),
  tags: { backend: backend.tag, frontend: frontend.tag },
};
const record = new DeploymentRecord("todo-app", { ...deployment, stack, kept: !isDev(dev) });
const dependsOn = record.attempt;

// The database, outside the cluster: a configured one, else a container on the Minikube profile's network.
const database =
  settings.secrets.databaseUrl === undefined && settings.delivery.kind === "minikube"
    ? new LocalDatabase(
        "database",
        { stack, profile: settings.delivery.profile, port: settings.database.localPort },
        { dependsOn },
      )
    : undefined;

// Namespace and secrets.
const secrets = new AppSecrets(
  "todo-app",
  {
    namespace: settings.namespace,
    secretName: SECRET,
    configured: settings.secrets,
    localDatabaseUrl: database?.url,
  },
  { provider: cluster, dependsOn },
);
if (settings.ops) {
  new OperationsAccess("todo-app", { namespace: secrets.namespace }, { provider: cluster });
}

// The release: one chart, both services.
gate.check(
  {
    sources: restored ? undefined : { dockerfiles: DOCKERFILES, version },
    chart: deployment.chart,
    release: RELEASE,
    namespace: settings.namespace,
    values: deployment.values,
    secret: { name: SECRET, checksum: secrets.checksum },
    exceptions: settings.blueprintExceptions,
  },
  cluster,
);
const app = new AppRelease(
  "todo-app",
  {
    release: RELEASE,
    namespace: secrets.namespace,
    chart: deployment.chart,
    values: deployment.values,
    secret: { name: secrets.secretName, checksum: secrets.checksum },
    needs: [
      ...[backend.resource, frontend.resource],
      ...networkConfig(settings, secrets.namespace, { provider: cluster, dependsOn }),
    ],
    kubeContext: settings.kubeContext,
    timeoutSeconds: settings.rolloutTimeoutSeconds,
  },
  { provider: cluster },
);
record.keep(app.objects, delivery, settings.keptDeployments);

// What other commands and programs may rely on.
export const url = address;
export const namespace = secrets.namespace;
export const release = gate.passed(app.release.name);
export const backendImage = `${backend.repository}:${backend.tag}`;
export const frontendImage = `${frontend.repository}:${frontend.tag}`;
export const appVersion = deployment.version;
