import { folderHash } from "../images/build-context";
import type { JsonObject } from "../runtime/json";

/** In a preview, a text for a fingerprint that only the update will tell, such as a generated secret's. */
export const UNKNOWN_CHECKSUM = "known after the update";

/** The values with the chart's hash, without which Helm's release misses edits of templates, and the Secret. */
export function completeValues(
  values: JsonObject,
  chart: string,
  secret: { name: string; checksum: string },
): JsonObject {
  const global = { ...(values.global as JsonObject), chartHash: folderHash(chart).slice(0, 12) };
  return {
    ...values,
    global,
    secrets: { existingSecret: secret.name, checksum: secret.checksum },
  };
}
