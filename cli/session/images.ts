import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadedImages, noteRemoved, unusedImages } from "../../components/images/loaded-images";
import { imageStores } from "../../components/minikube/node-images";
import { stackFolder } from "../../components/record/state-folder";
import type { Session } from "./session";
import { ROOT } from "./workspace";

/**
 * Takes a destroyed stack's images off the nodes, but for those that another stack of this clone needs.
 * @param isClusterGone whether the nodes can't be asked: their images are gone with them
 */
export async function forgetImages(
  { stack, settings }: Session,
  isClusterGone: boolean,
): Promise<void> {
  await rm(join(ROOT, stackFolder(stack), "deployments"), { recursive: true, force: true });
  const unused = unusedImages(stack, []);
  if (settings.delivery.kind === "minikube" && unused.length > 0 && !isClusterGone) {
    for (const store of await imageStores(settings.delivery.profile))
      for (const image of unused) await store.remove(image);
  }
  noteRemoved(stack, loadedImages(stack));
}
