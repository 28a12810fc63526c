/** How pods reach the world where that takes a company's proxy, or authorities of its own. */
import { createHash } from "node:crypto";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import { AUTHORITIES, BACKEND, FRONTEND } from "../names";
import type { JsonObject } from "../runtime/json";
import type { Settings } from "../settings/settings";

const FOLDER = "/etc/todo-app/authorities";
const KEY = "ca.crt";
const FILE = `${FOLDER}/${KEY}`;
/** Hosts that no proxy has any business with: this release's services, the cluster's, and this machine's. */
const DIRECT = [
  ...["localhost", "127.0.0.1", BACKEND, FRONTEND, ".svc", ".cluster.local"],
  "host.minikube.internal",
];

/**
 * What the chart's values say of it for one of the services; nothing where nothing is configured.
 * @param variables further variables of its pods
 */
export function networkValues(
  { network }: Pick<Settings, "network">,
  component: "backend" | "frontend",
  variables: Readonly<Record<string, string>> = {},
): JsonObject {
  const { httpsProxy, noProxy, caCertificates } = network;
  const direct = [...new Set([...DIRECT, ...noProxy])].join(",");
  const env: Record<string, string> = {
    ...variables,
    // The front end talks to the back end and the database only.
    ...(httpsProxy && component === "backend"
      ? { HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpsProxy, NO_PROXY: direct }
      : {}),
    ...(caCertificates
      ? { [component === "backend" ? "EXTRA_CA_CERTS" : "NODE_EXTRA_CA_CERTS"]: FILE }
      : {}),
  };
  if (Object.keys(env).length === 0) return {};
  return {
    extraEnv: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(caCertificates
      ? {
          // New authorities count for new pods: Node.js and Python read them when they start.
          podAnnotations: { "todo-app/authorities": fingerprint(caCertificates) },
          // Optional: a rollback to a deployment that had them must not wait for them.
          extraVolumes: [{ name: "authorities", configMap: { name: AUTHORITIES, optional: true } }],
          extraVolumeMounts: [{ name: "authorities", mountPath: FOLDER, readOnly: true }],
        }
      : {}),
  };
}

/** The authorities that pods trust beside the usual ones, as an object of the cluster; none where none are configured. */
export function authorities(
  { network }: Settings,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions & { provider: Provider },
): pulumi.Resource[] {
  const { caCertificates } = network;
  if (!caCertificates) return [];
  const metadata = { name: AUTHORITIES, namespace };
  return [new ConfigMap(AUTHORITIES, { metadata, data: { [KEY]: caCertificates } }, opts)];
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
