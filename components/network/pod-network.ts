/** How pods reach the world where that takes a company's proxy, or authorities of its own. */
import { createHash } from "node:crypto";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import { BACKEND, FRONTEND, NETWORK } from "../names";
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
 * What the chart's values say of it for one of the services; nothing where nothing is configured. It names what
 * `networkConfig` holds: the network is where a release runs, not a part of it, so a rollback leaves it as it is.
 * @param variables further variables of its pods
 */
export function networkValues(
  { network }: Pick<Settings, "network">,
  component: "backend" | "frontend",
  variables: Readonly<Record<string, string>> = {},
): JsonObject {
  const { httpsProxy, caCertificates } = network;
  // The front end talks to the back end and the database only.
  const proxied = httpsProxy && component === "backend" ? Object.keys(proxyVariables(network)) : [];
  const authorities = component === "backend" ? "EXTRA_CA_CERTS" : "NODE_EXTRA_CA_CERTS";
  const extraEnv: JsonObject[] = [
    ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ...[...proxied, ...(caCertificates ? [authorities] : [])].map((name) => ({
      name,
      valueFrom: { configMapKeyRef: { name: NETWORK, key: name, optional: true } },
    })),
  ];
  return {
    ...(extraEnv.length > 0 ? { extraEnv } : {}),
    ...(proxied.length > 0 || caCertificates
      ? { podAnnotations: { "todo-app/network": fingerprint(network) } } // read when a pod starts
      : {}),
    ...(caCertificates
      ? {
          extraVolumes: [
            {
              name: "authorities",
              configMap: { name: NETWORK, items: [{ key: KEY, path: KEY }], optional: true },
            },
          ],
          extraVolumeMounts: [{ name: "authorities", mountPath: FOLDER, readOnly: true }],
        }
      : {}),
  };
}

/** The same as an object of the cluster; none where nothing is configured. */
export function networkConfig(
  { network }: Pick<Settings, "network">,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions & { provider: Provider },
): pulumi.Resource[] {
  const data = networkData(network);
  if (Object.keys(data).length === 0) return [];
  return [new ConfigMap(NETWORK, { metadata: { name: NETWORK, namespace }, data }, opts)];
}

/** What pods read of it, by its name. */
export function networkData(network: Settings["network"]): Record<string, string> {
  const { httpsProxy, caCertificates } = network;
  return {
    ...(httpsProxy ? proxyVariables(network) : {}),
    ...(caCertificates
      ? { EXTRA_CA_CERTS: FILE, NODE_EXTRA_CA_CERTS: FILE, [KEY]: caCertificates }
      : {}),
  };
}

function proxyVariables({ httpsProxy = "", noProxy }: Settings["network"]): Record<string, string> {
  const NO_PROXY = [...new Set([...DIRECT, ...noProxy])].join(",");
  return { HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpsProxy, NO_PROXY };
}

function fingerprint(network: Settings["network"]): string {
  const text = JSON.stringify(networkData(network));
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
