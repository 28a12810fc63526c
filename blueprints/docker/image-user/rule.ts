import type { Rule } from "../../rule";
import type { Image } from "../image";

export const rule: Rule<Image> = {
  id: "docker/image-user",
  level: "mandatory",
  title: "The image runs as user 1000.",
  reason: "a base may bring root along, whatever the Dockerfile says",
  remedy: "end the Dockerfile with USER 1000:1000",
  source: ["FR-003", "CIS Docker 4.1"],
  *check({ name: object, user }) {
    if (!/^1000(:|$)/.test(user))
      yield { object, field: "config.User", problem: `is ${user || "not set, which is root"}` };
  },
};
