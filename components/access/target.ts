import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { readProfile, tunnelRuns } from "../minikube/profile";
import type { Settings } from "../settings/settings";

/** Port of the front end's Service, as the chart has it. */
const LOAD_BALANCER_PORT = 3000;

/** The provider for the cluster of a stack: by its context, never by the one that happens to be current. */
export function clusterProvider(settings: Settings): Provider {
  // A changed Secret is updated in place: replacing it would leave pods without one for a moment.
  return new Provider("cluster", { context: settings.kubeContext, enableSecretMutable: true });
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
    if (
      service.type === "LoadBalancer" &&
      !pulumi.runtime.isDryRun() &&
      !tunnelRuns(delivery.profile)
    ) {
      throw new pulumi.RunError(
        `a LoadBalancer on Minikube gets no address without a tunnel: run \`minikube tunnel -p ${delivery.profile}\` in another terminal`,
      );
    }
    if (!settings.publicUrl) {
      return service.type === "LoadBalancer"
        ? `http://${service.clusterIp}:${LOAD_BALANCER_PORT}`
        : `http://${profile.ip}:${service.nodePort}`;
    }
  }
  return settings.publicUrl ?? "";
}
