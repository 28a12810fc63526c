import type { Rule } from "../../rule";
import { type Dockerfile, type Instruction, SHELL_NAME } from "../dockerfile";

const SHELL = `(?:\\S*\\/)?${SHELL_NAME}`;
/** A download that goes on, perhaps by other programs, to one that runs what it reads. */
const PIPED = new RegExp(
  `\\b(?:curl|wget)\\b(?:(?!&&|\\|\\||;\\s).)*\\|\\s*` +
    `(?:(?:sudo|env|exec)\\s+(?:-\\S+\\s+|\\w+=\\S*\\s+)*)*` +
    `(?:${SHELL}\\b|(?:python[\\d.]*|perl|ruby|node)(?:\\s+-)?\\s*(?:$|[;&|]))`,
  "s",
);
/** A download whose text is a shell's command, or its script. */
const SUBSTITUTED = new RegExp(
  `(?:^|[\\s;&|(])(?:${SHELL}\\s(?:[^;&|]*\\s)?|eval\\s+|source\\s+|\\.\\s+)["']?(?:\\$\\(|<\\(|\\\`)\\s*(?:curl|wget)\\b`,
);

/** Whether a shell is given a file that was downloaded to, and nobody has looked at its checksum. */
function runsDownload(text: string): boolean {
  if (/\bsha\d+sum\b.*(-c\b|--check\b)|\bcosign\b|\bgpg\b/s.test(text)) return false;
  const files = text.matchAll(
    /\b(?:curl|wget)\b[^;|]*?(?:\s-[a-zA-Z]*[oO]\s*|\s--output(?:-document)?[= ]|>\s*)([^\s;&|]+)/g,
  );
  return [...files].some(([, file = ""]) => {
    const name = file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`(?:^|[\\s;&|])${SHELL}\\s+(?:-\\S+\\s+)*${name}(?:\\s|$|[;&|])`).test(text);
  });
}

export const rule: Rule<Dockerfile> = {
  id: "docker/no-remote-scripts",
  level: "mandatory",
  title: "A build runs nothing that it downloads unchecked.",
  reason: "whoever owns that address on the day of the build owns the image",
  remedy:
    "install from a package registry with a lock file, or ADD --checksum=sha256:… a fixed version",
  source: ["CIS Docker 4.11", "hadolint DL3020, DL4006"],
  *check({ name: object, stages }) {
    for (const each of stages.flatMap(({ instructions }) => instructions)) {
      const problem = problemOf(each);
      if (problem) yield { object, field: `line ${each.line}`, problem };
    }
  },
};

function problemOf({ keyword, text, words, flags }: Instruction): string | undefined {
  if (keyword === "RUN" && (PIPED.test(text) || SUBSTITUTED.test(text)))
    return "pipes a download into a shell";
  if (keyword === "RUN" && runsDownload(text)) return "runs a download that it hasn't checked";
  const isRemote = words.slice(0, -1).some((word) => /^https?:\/\//.test(word));
  if (keyword === "ADD" && isRemote && flags.checksum === undefined)
    return "adds a download without a checksum";
  return undefined;
}
