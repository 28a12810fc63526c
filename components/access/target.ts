import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  findTunnel,
  type MinikubeProfile,
  needsForwarding,
  readProfile,
  type Tunnel,
} from "../minikube/profile";
import { withoutKubeconfig } from "../release/kubeconfig";
import type { Settings } from "../settings/settings";

/** Port of the front end's Service, as the chart has it. */
const LOAD_BALANCER_PORT = 3000;

/** The provider for the cluster of a stack: by its context, never by the one that happens to be current. */
export function clusterProvider(settings: Settings): Provider {
  // A changed Secret is updated in place: replacing it would leave pods without one for a moment.
  return new Provider(
    "cluster",
    { context: settings.kubeContext, enableSecretMutable: true },
    { transformations: [withoutKubeconfig] },
  );
}

/** URL that users open. @throws pulumi.RunError where it can't be told, or nothing would answer there */
export function publicUrl(settings: Settings): string {
  const { delivery, service } = settings;
  if (delivery.kind === "minikube") {
    const profile = readProfile(delivery.profile);
    if (!profile) {
      throw new pulumi.RunError(
        `there is no Minikube profile "${delivery.profile}": \`npm run up\` makes it, or \`minikube start -p ${delivery.profile}\``,
      );
    }
    const tunnel = service.type === "LoadBalancer" ? findTunnel(delivery.profile) : undefined;
    if (service.type === "LoadBalancer" && !pulumi.runtime.isDryRun() && !tunnel) {
      throw new pulumi.RunError(
        `a LoadBalancer on Minikube gets no address without a tunnel: run \`minikube tunnel -p ${delivery.profile}\` in another terminal`,
      );
    }
    if (!settings.publicUrl) return addressOf(settings, profile, tunnel);
  }
  return settings.publicUrl ?? "";
}

/** Where Minikube serves a stack. */
function addressOf(
  { service }: Settings,
  profile: MinikubeProfile,
  tunnel: Tunnel | undefined,
): string {
  if (service.type !== "LoadBalancer")
    return `http://${profile.published.get(service.nodePort) ?? `${profile.ip}:${service.nodePort}`}`;
  const bySsh = (tunnel ?? (needsForwarding() ? "ssh" : "route")) === "ssh";
  return `http://${bySsh ? "127.0.0.1" : service.clusterIp}:${LOAD_BALANCER_PORT}`;
}

/** Port on this machine by which `npm run open` forwards to a stack that can't be reached otherwise. */
export function forwardedPort({ service }: Settings): number {
  return service.type === "NodePort" ? service.nodePort : LOAD_BALANCER_PORT;
}

/**
 * The other addresses of this machine at which a development stack answers, so that signing in works there
 * too: loopback's two names, and the node's own address.
 */
export function localOrigins(settings: Settings): string[] {
  const { environment, delivery, service } = settings;
  if (environment !== "development") return [];
  const port = forwardedPort(settings);
  const origins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  if (delivery.kind !== "minikube" || service.type !== "NodePort") return origins;
  const profile = readProfile(delivery.profile);
  const published = profile?.published.get(port);
  if (published) origins.push(`http://${published}`);
  if (profile?.ip) origins.push(`http://${profile.ip}:${port}`);
  return origins;
}
