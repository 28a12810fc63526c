import type { Rule } from "../../rule";
import { isSecretName, secretIn } from "../../secrets";
import type { Image } from "../image";

/** What differs from one environment to the next. */
const SETTINGS = /(^|_)(URL|HOST|ENVIRONMENT|LOG_LEVEL)$/;
/** Where a server listens inside its container is the image's own. */
const OWN = ["HOST", "HOSTNAME"];

export const rule: Rule<Image> = {
  id: "docker/image-environment",
  level: "mandatory",
  title: "The image brings no secret and no environment's settings along.",
  reason: "one image serves all environments; and everyone who has the image reads its variables",
  remedy: "take the variable out of the Dockerfile: the cluster's ConfigMap and Secret set it",
  source: ["SC-003", "SC-012", "FR-024", "CIS Docker 4.10"],
  *check({ name: object, env }) {
    for (const line of env) {
      const [name = "", ...rest] = line.split("=");
      const kind = secretIn(rest.join("="));
      const field = `config.Env[${name}]`;
      if (kind) yield { object, field, problem: `holds ${kind}` };
      else if (isSecretName(name)) yield { object, field, problem: "has a secret's name" };
      else if (SETTINGS.test(name) && !OWN.includes(name))
        yield { object, field, problem: "is an environment's setting" };
    }
  },
};
