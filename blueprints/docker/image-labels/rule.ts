import type { Rule } from "../../rule";
import type { Image } from "../image";

export const rule: Rule<Image> = {
  id: "docker/image-labels",
  level: "advisory",
  title: "The image as built says what it is.",
  reason:
    "labels of the base are taken over where the Dockerfile sets none, and say something else",
  remedy: "set org.opencontainers.image.title, .description and .licenses in the final stage",
  source: ["OCI image specification: annotations"],
  *check({ name: object, labels }) {
    for (const name of ["title", "description", "licenses"])
      if (!labels[`org.opencontainers.image.${name}`])
        yield {
          object,
          field: `config.Labels[org.opencontainers.image.${name}]`,
          problem: "is not set",
        };
  },
};
