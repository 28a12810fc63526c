import type { Rule } from "../../rule";
import { emptyDirOf, idOf, type KubernetesObject, type Objects } from "../objects";

/** What marks a pod whose code is replaced while it runs, and the volume that the code comes by. */
const LABEL = "todo-app/dev";
const VOLUME = "dev";

export const rule: Rule<Objects> = {
  id: "kubernetes/no-dev-overlay",
  level: "mandatory",
  title: "The dev overlay, by which code is replaced in running pods, is for development only.",
  reason:
    "such a pod runs what somebody's editor last saved: no image, no test and no rollback knows it",
  remedy: "take the overlay out (npm run up), or set the environment to development",
  source: ["FR-024", "docs/decisions"],
  *check(objects) {
    const environments = objects.of("ConfigMap").flatMap(environmentOf);
    // Where nothing says that this is development, it isn't.
    const isDevelopment =
      environments.length > 0 && environments.every((each) => each === "development");
    if (isDevelopment) return;
    const where = environments.length === 0 ? "no environment" : environments.join(", ");
    for (const { object, path, metadata, spec } of objects.pods) {
      const label = `${path.replace(/spec$/, "metadata")}.labels.${LABEL}`;
      if (metadata.labels?.[LABEL] === "true")
        yield { object, field: label, problem: `is true in ${where}` };
      if (spec.volumes?.some((each) => each.name === VOLUME && emptyDirOf(each)))
        yield { object, field: `${path}.volumes[${VOLUME}]`, problem: `is there in ${where}` };
    }
  },
};

function environmentOf(config: KubernetesObject): string[] {
  const environment = config.data?.ENVIRONMENT;
  return idOf(config).endsWith("-config") && environment ? [environment] : [];
}
