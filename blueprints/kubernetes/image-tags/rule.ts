import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/image-tags",
  level: "mandatory",
  title: "Every image has a tag or a digest, and the tag isn't latest.",
  reason:
    "nodes keep the image they have under such a name: which code runs is chance, and can't be gone back to",
  remedy: "name the image by version and content, such as todo-backend:0.1.0-5f2d8c1a9b3e",
  source: [
    "FR-008",
    "FR-031",
    "kube-linter latest-tag",
    "Kyverno disallow-latest-tag",
    "minikube issue 11276",
  ],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const { image = "" } = container;
      const field = `${path}.image`;
      const { tag, digest } = reference(image);
      if (image === "") yield { object, field, problem: "is not set" };
      else if (digest === undefined && tag === undefined)
        yield { object, field, problem: `is ${image}, without a tag` };
      else if (digest === undefined && tag === "latest")
        yield { object, field, problem: `is ${image}` };
    }
  },
};

function reference(image: string): { tag: string | undefined; digest: string | undefined } {
  const [name = "", digest] = image.split("@");
  return { tag: /:([^/:]+)$/.exec(name)?.[1], digest };
}
