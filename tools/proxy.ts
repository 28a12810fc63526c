import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const PROXIES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
];
/**
 * Where no proxy has any business: this machine, the networks that Minikube's docker driver takes one
 * after the other (192.168.49.0/24 and every ninth further one), and the cluster's Services.
 * https://minikube.sigs.k8s.io/docs/handbook/vpn_and_proxy/
 */
const DIRECT = [
  ...["localhost", "127.0.0.1", "::1", "host.minikube.internal", "control-plane.minikube.internal"],
  ...[49, 58, 67, 76, 85, 94, 103].map((part) => `192.168.${part}.0/24`),
  ...["10.96.0.0/12", ".svc", ".cluster.local"],
];

/**
 * NO_PROXY with the addresses of every Minikube cluster of this user in it, in both spellings; nothing
 * where no proxy is named. Without them kubectl, Helm and Pulumi ask the proxy for the cluster.
 */
export function proxyVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  if (!PROXIES.some((name) => env[name])) return {};
  const own = (env.no_proxy || env.NO_PROXY || "").split(",").map((host) => host.trim());
  const all = [...new Set([...own, ...DIRECT, ...nodeAddresses(env)])].filter(Boolean).join(",");
  return { NO_PROXY: all, no_proxy: all };
}

/** The addresses of the nodes of this user's Minikube profiles, as Minikube's own files tell them. */
function nodeAddresses(env: NodeJS.ProcessEnv): string[] {
  const profiles = join(minikubeHome(env), "profiles");
  const names = existsSync(profiles) ? readdirSync(profiles) : [];
  return names.flatMap((name) => {
    try {
      const config = readFileSync(join(profiles, name, "config.json"), "utf8");
      const { Nodes } = JSON.parse(config) as { Nodes?: { IP?: string }[] | null };
      return (Nodes ?? []).flatMap(({ IP }) => IP || []);
    } catch {
      return []; // no profile, or one that is being made
    }
  });
}

/** Folder of Minikube's files. */
export function minikubeHome(env: NodeJS.ProcessEnv): string {
  const home = env.MINIKUBE_HOME;
  if (!home) return join(homedir(), ".minikube");
  return home.endsWith(".minikube") ? home : join(home, ".minikube");
}
