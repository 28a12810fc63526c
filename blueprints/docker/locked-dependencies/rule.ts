import type { Rule } from "../../rule";
import { commands, type Dockerfile } from "../dockerfile";
import { type Installer, installs } from "../installs";

/** What makes each of them take nothing but what the lock file says. */
const LOCKED: Readonly<Record<Installer, RegExp>> = {
  pip: /--require-hashes\b|--no-deps\b|--no-index\b/,
  npm: /(^|\s)ci(\s|$)/,
  yarn: /--immutable\b|--frozen-lockfile\b/,
  pnpm: /--frozen-lockfile\b/,
  bun: /--frozen-lockfile\b/,
  uv: /--locked\b|--frozen\b/,
  poetry: /\binstall\b/,
};

export const rule: Rule<Dockerfile> = {
  id: "docker/locked-dependencies",
  level: "mandatory",
  title: "A build installs exactly what the lock file says.",
  reason:
    "unpinned dependencies change between two builds of one commit, until the image no longer starts",
  remedy: "use npm ci, pip install --require-hashes, uv sync --locked or yarn install --immutable",
  source: ["FR-008", "hadolint DL3013, DL3016", "SLSA: hermetic builds"],
  *check({ name: object, stages }) {
    for (const run of stages.flatMap(({ instructions }) => instructions)) {
      if (run.keyword !== "RUN") continue;
      for (const words of commands(run)) {
        const installer = installs(words);
        const line = words.join(" ");
        if (installer && !LOCKED[installer].test(line))
          yield { object, field: `line ${run.line}`, problem: `runs ${line}` };
      }
    }
  },
};
