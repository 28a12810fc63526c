import type { Rule } from "../../rule";
import type { Image } from "../image";

export const rule: Rule<Image> = {
  id: "docker/image-healthcheck",
  level: "mandatory",
  title: "The image has a health check, and a port that it serves.",
  reason: "docker run, compose and people find out by these alone how it is and where it listens",
  remedy: "add HEALTHCHECK and EXPOSE to the Dockerfile's final stage",
  source: ["FR-005", "FR-006", "FR-007", "CIS Docker 4.6"],
  *check({ name: object, healthcheck, ports }) {
    if (healthcheck.length === 0 || healthcheck[0] === "NONE")
      yield { object, field: "config.Healthcheck", problem: "is not set" };
    if (ports.length === 0) yield { object, field: "config.ExposedPorts", problem: "is empty" };
  },
};
