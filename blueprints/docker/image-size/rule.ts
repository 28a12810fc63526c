import type { Rule } from "../../rule";
import type { Image } from "../image";

export const rule: Rule<Image> = {
  id: "docker/image-size",
  level: "mandatory",
  title: "An image stays within its budget: 500 MB, the front end's 300 MB.",
  reason: "every node pulls it before the first pod starts, and keeps it beside those before it",
  remedy: "look for what came in by docker history, and leave it in the build's stage",
  source: ["FR-001", "SC-001", "Docker Blueprint: size budgets"],
  *check({ name: object, size, budget }) {
    const megabytes = Math.round(size / 1e6);
    if (megabytes >= budget)
      yield { object, field: "size", problem: `is ${megabytes} MB, of ${budget} MB` };
  },
};
