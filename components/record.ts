import * as pulumi from "@pulumi/pulumi";
import type { ImageDelivery } from "./delivery";
import { type Deployment, keepDeployment } from "./deployments";
import { noteRemoved, unusedImages } from "./loaded-images";
import type { AppRelease } from "./release";

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
    const unused = unusedImages(stack);
    if (unused.length === 0) return;
    await delivery.prune(unused);
    noteRemoved(stack, unused);
  });
}
