import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadedImages, noteRemoved, unusedImages } from "../../components/images/loaded-images";
import { removeFromNodes } from "../../components/images/node-removal";
import { stackFolder } from "../../components/record/state-folder";
import type { Session } from "./session";
import { ROOT } from "./workspace";

/**
 * Takes a destroyed stack's images off the nodes, but for those that another stack needs.
 * @param isClusterGone whether the nodes can't be asked: their images are gone with them
 */
export async function forgetImages(
  { stack, settings }: Session,
  isClusterGone: boolean,
): Promise<void> {
  await rm(join(ROOT, stackFolder(stack), "deployments"), { recursive: true, force: true });
  const unused = unusedImages(stack, []);
  if (settings.delivery.kind === "minikube" && !isClusterGone)
    await removeFromNodes(settings.delivery.profile, unused);
  noteRemoved(stack, loadedImages(stack));
}
