import type { Rule } from "../../rule";
import type { Image } from "../image";

/** What an image that only runs one program has no use for, by what it would be called. */
const UNWANTED: readonly [RegExp, string][] = [
  [
    /(^|\/)s?bin\/(sh|bash|dash|ash|busybox|apt|apt-get|dpkg|apk|pip[\d.]*|npm|npx|yarn|corepack|gcc|cc|g\+\+|ld|as|make|perl|curl|wget)$/,
    "a shell, compiler or package manager",
  ],
  [
    /(^|\/)\.env(\.(?!example$)[\w.-]+)?$|\.key$|(^|\/)\.npmrc$|(^|\/)id_(rsa|ed25519)$/,
    "a secret's file",
  ],
  [/(^|\/)\.git\//, "the repository's history"],
  [
    /^(app|src)\/(.*\/)?(tests?|__tests__)\/|^(app|src)\/(?!node_modules\/)(.*\/)?[\w.-]+\.(test|spec)\.[jt]sx?$/,
    "a test",
  ],
  [/\/(pip|setuptools|pytest|mypy)\/__init__\.py$/, "a tool of the build"],
];

export const rule: Rule<Image> = {
  id: "docker/image-files",
  level: "mandatory",
  title: "The image holds the program and what it needs, and nothing to work with.",
  reason:
    "whoever gets in finds tools, histories and passwords; and each of them has vulnerabilities of its own",
  remedy: "start the final stage from scratch, and copy only what runs",
  source: ["FR-001", "FR-002", "FR-004", "SC-012", "CIS Docker 4.3, 4.8"],
  *check({ name: object, files = [] }) {
    for (const [pattern, what] of UNWANTED) {
      const some = files.filter((file) => pattern.test(file));
      const [first] = some;
      if (first !== undefined)
        yield {
          object,
          field: `/${first}`,
          problem: some.length === 1 ? `is ${what}` : `is ${what}, as ${some.length - 1} more`,
        };
    }
  },
};
