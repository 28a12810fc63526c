import type { Rule } from "../../rule";
import type { Dockerfile } from "../dockerfile";

/** What a clone has lying around, and no image may have. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "node_modules/left-pad/index.js": "node_modules",
  ".git/config": ".git",
  ".env": ".env files",
  ".env.production": ".env files",
  "tests/test_api.py": "tests",
  "src/app/page.test.tsx": "tests",
  ".next/BUILD_ID": "build artifacts",
  "dist/index.js": "build artifacts",
  "app/__pycache__/main.pyc": "build artifacts",
};

export const rule: Rule<Dockerfile> = {
  id: "docker/ignore-file",
  level: "mandatory",
  title: "A .dockerignore keeps secrets, history, tests and what was built out of the context.",
  reason:
    "one COPY . takes passwords of .env files along; and each stray file changes the image's tag",
  remedy: "write .dockerignore beside it: * first, then ! for each file and folder that is copied",
  source: ["FR-004", "SC-012"],
  *check({ name: object, ignore }) {
    if (ignore === undefined) {
      yield { object, field: ".dockerignore", problem: "is missing" };
      return;
    }
    const sent = Object.entries(LEFT_OUT).filter(([path]) => !ignore.excludes(path));
    for (const what of new Set(sent.map(([, name]) => name)))
      yield { object, field: ".dockerignore", problem: `lets ${what} in` };
  },
};
