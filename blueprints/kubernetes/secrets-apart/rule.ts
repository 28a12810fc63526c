import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/secrets-apart",
  level: "advisory",
  title: "A release contains no Secret with content.",
  reason:
    "Helm keeps values and manifests in clear in each of its revisions: whoever reads one has them all",
  remedy: "let something else own the Secret, and give the chart its name and checksum",
  source: ["SC-012", "FR-052", "pulumi-kubernetes issue 2003"],
  *check(objects) {
    for (const secret of objects.of("Secret"))
      for (const part of ["data", "stringData"] as const)
        if (Object.values(secret[part] ?? {}).some((value) => value !== ""))
          yield { object: idOf(secret), field: part, problem: "has values" };
  },
};
