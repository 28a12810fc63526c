import { rm } from "node:fs/promises";
import { join } from "node:path";
import { imagesOf, keptDeployments, knownStacks } from "../components/deployments";
import { imageStores } from "../components/node-images";
import { stackFolder } from "../components/state-folder";
import type { Session } from "./session";
import { ROOT } from "./workspace";

/** Takes a destroyed stack's images off the nodes, but for those that another stack of this clone needs. */
export async function forgetImages({ stack, settings }: Session): Promise<void> {
  const own = keptDeployments(stack).flatMap(imagesOf);
  await rm(join(ROOT, stackFolder(stack), "deployments"), { recursive: true, force: true });
  if (settings.delivery.kind !== "minikube") return;
  const needed = new Set(knownStacks().flatMap(keptDeployments).flatMap(imagesOf));
  const unused = [...new Set(own)].filter((image) => !needed.has(image));
  for (const store of await imageStores(settings.delivery.profile))
    for (const image of unused) await store.remove(image);
}
