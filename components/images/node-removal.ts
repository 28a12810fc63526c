import { run } from "../../common/run";
import { imageStores } from "../minikube/node-images";

/**
 * Takes images off every node of a Minikube profile, but for those that a workload names: another clone's stack may
 * run the same content, or be scaled down to nothing.
 * @param images "repository:tag" each
 * @returns those that went
 */
export async function removeFromNodes(
  profile: string,
  images: readonly string[],
): Promise<string[]> {
  if (images.length === 0) return [];
  const named = await namedImages(profile);
  const unnamed = images.filter((image) => !named.has(image));
  for (const store of await imageStores(profile))
    for (const image of unnamed) await store.remove(image);
  return unnamed;
}

/** The images that deployments and pods of all namespaces name. */
async function namedImages(kubeContext: string): Promise<Set<string>> {
  const args = ["--context", kubeContext, "get", "deployments,pods", "--all-namespaces"];
  const names = await run("kubectl", [...args, "--output", "jsonpath={..image}"]);
  return new Set(names.split(/\s+/).filter(Boolean));
}
