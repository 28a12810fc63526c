import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/image-by-content",
  level: "advisory",
  title: "The tag of every image names its content.",
  reason:
    "a tag that can be built twice shows nothing of what changed, and a rollback may find other code under it",
  remedy: "end the tag in 12 hex digits of the content's hash, or name the digest",
  source: ["FR-009", "Kyverno require-image-checksum"],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const { image = "" } = container;
      if (image !== "" && !/@sha256:[0-9a-f]{64}$|:[^/:]*[0-9a-f]{12}$/.test(image))
        yield { object, field: `${path}.image`, problem: `is ${image}` };
    }
  },
};
