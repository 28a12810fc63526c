import { contentTag } from "../../components/images/build-context";
import { imagePlatform, taggedVersion } from "../../components/images/platform";
import { changedKeys, type Deployment } from "../../components/record/deployment";
import type { JsonObject } from "../../components/runtime/json";
import { version } from "../../package.json";
import { recordedBy } from "../rollback/history";
import type { Session } from "../session/session";
import { stackConfig } from "../session/workspace";

type Told = Pick<Deployment, "version" | "tags" | "config">;

/** What `pulumi stack history` tells of an update: version, images, and what changed since the one before. */
export function deploymentMessage(now: Told, before?: Told): string {
  const images = `${now.version}: backend ${now.tags.backend}, frontend ${now.tags.frontend}`;
  if (!before) return images;
  const changes = [
    ...(before.tags.backend === now.tags.backend ? [] : ["backend"]),
    ...(before.tags.frontend === now.tags.frontend ? [] : ["frontend"]),
    ...changedKeys(before.config, now.config),
  ];
  return changes.length === 0 ? images : `${images}; changed: ${changes.join(", ")}`;
}

/** The same, of an update to what the folders hold now. */
export async function messageOfUpdate({ stack, pulumi, settings }: Session): Promise<string> {
  const tagged = taggedVersion(version, imagePlatform(settings));
  const tags = {
    backend: contentTag(tagged, "apps/backend"),
    frontend: contentTag(tagged, "apps/frontend"),
  };
  const config = stackConfig(stack) as JsonObject;
  const { deployments } = await recordedBy(pulumi);
  return deploymentMessage({ version, tags, config }, deployments.at(-1));
}
