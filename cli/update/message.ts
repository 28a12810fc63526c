import { changedKeys, type Deployment } from "../../components/record/deployment";

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
