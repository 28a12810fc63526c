import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../cli/main";
import { ROOT } from "../cli/session/workspace";
import { UserError } from "../common/errors";
import { say } from "../common/progress";
import { run, tryRun } from "../common/run";
import { cut, FILES, type Files } from "./cut";

const FLAGS = {
  "dry-run": { type: "boolean", help: "only show what would be written" },
} as const;

main(
  "release",
  "Cuts a version: changelog, package.json, chart, commit and tag; nothing is pushed. npm run release -- 0.2.0",
  FLAGS,
  async ({ words, flag }) => {
    const [version = "", ...more] = words;
    if (version === "" || more.length > 0)
      throw new UserError({
        what: "which version?",
        why: "one is wanted, such as 0.2.0",
        next: "npm run release -- 0.2.0 --dry-run",
        exitCode: 64,
      });
    const dry = flag("dry-run");
    if (!dry) await requireClean(version);
    const before = Object.fromEntries(
      FILES.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]),
    ) as Files;
    const after = cut(before, version, new Date().toISOString().slice(0, 10));
    for (const file of FILES) {
      if (before[file] === after[file]) continue;
      if (dry) process.stdout.write(`${file}\n${difference(before[file], after[file])}`);
      else writeFileSync(join(ROOT, file), after[file]);
    }
    if (dry) return 0;
    await git("commit", "--all", "--message", `Version ${version}`);
    await git("tag", "--annotate", `v${version}`, "--message", `Version ${version}`);
    say(`· v${version} is committed and tagged; git push --follow-tags publishes it`);
    return 0;
  },
  { takesWords: true, hasStack: false },
);

async function requireClean(version: string): Promise<void> {
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  const tag = await tryRun("git", ["rev-parse", "--verify", "--quiet", `refs/tags/v${version}`], {
    cwd: ROOT,
  });
  const why =
    changes !== ""
      ? `there are changes that aren't committed:\n${changes}`
      : tag.code === 0
        ? `tag v${version} is there already`
        : undefined;
  if (why === undefined) return;
  throw new UserError({
    what: `version ${version} can't be cut here`,
    why,
    next: changes === "" ? "choose the next version" : "commit them, then run this again",
  });
}

function git(...args: string[]): Promise<string> {
  return run("git", args, { cwd: ROOT });
}

/** The lines that go and come. */
function difference(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.split("\n"));
  const gone = old?.filter((line) => !now?.includes(line)) ?? [];
  const come = now?.filter((line) => !old?.includes(line)) ?? [];
  return `${[...gone.map((line) => `  - ${line}`), ...come.map((line) => `  + ${line}`)].join("\n")}\n`;
}
