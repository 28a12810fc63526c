import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../common/errors";
import type { ImageDelivery } from "../images/delivery";
import { noteRemoved, unusedImages } from "../images/loaded-images";
import type { AppRelease } from "../release/app-release";
import { type Deployment, keepDeployment } from "./deployments";

/** Keeps what was deployed for a later rollback, once it is, and takes away images that none needs any more. */
export function recordDeployment(
  app: AppRelease,
  delivery: ImageDelivery,
  deployment: Deployment & { chart: string; configFile: string; stack: string; keep: number },
): void {
  if (pulumi.runtime.isDryRun()) return;
  const { stack, keep, ...kept } = deployment;
  app.objects.id.apply(async () => {
    keepDeployment(stack, kept, keep);
    await pruneImages(stack, delivery);
  });
}

/** Takes a stack's unused images away; what is deployed doesn't depend on it, so that a failure is but a warning. */
export async function pruneImages(
  stack: string,
  delivery: Pick<ImageDelivery, "prune">,
): Promise<void> {
  for (const image of unusedImages(stack)) {
    try {
      await delivery.prune([image]);
      noteRemoved(stack, [image]);
    } catch (error) {
      await pulumi.log.warn(
        `image ${image} is no longer needed but stays until the next up: ${messageOf(error)}`,
      );
    }
  }
}
