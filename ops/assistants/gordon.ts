import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import type { Desk, Runner } from "../desk";
import { printable } from "../redact";
import { type Answer, type Assistant, withPrivateFolder } from "./assistant";

const TIMEOUT_MS = 5 * 60_000;
const APPLICATIONS = ["backend", "frontend"] as const;

/** Docker's assistant, which is a part of Docker Desktop. */
export async function findGordon(
  env: NodeJS.ProcessEnv,
  run: Runner,
): Promise<Assistant | undefined> {
  const found = await run("docker", ["ai", "version"], { env, timeoutMs: 10_000 });
  const version = /v?(\d+\.\d+\.\d+[\w.-]*)/.exec(found.stdout)?.[1];
  if (found.code !== 0 || version === undefined) return undefined;
  return { name: "gordon", version, model: "Docker's", ask };
}

/**
 * It is given the question and copies of the files that the question is about, redacted, and nobody to
 * approve anything: its own commands and edits wait for an approval that can't come.
 */
async function ask(desk: Desk, question: string): Promise<Answer> {
  return withPrivateFolder(async (folder) => {
    const named = APPLICATIONS.filter((name) => namesApplication(question, name));
    const files = named.length > 0 ? named : APPLICATIONS;
    for (const name of files) {
      const text = await readFile(join("apps", name, "Dockerfile"), "utf8");
      await writeFile(join(folder, `Dockerfile.${name}`), desk.redactor.text(text));
    }
    const prompt = [
      desk.redactor.text(question),
      `The files are ${files.map((name) => `Dockerfile.${name}`).join(" and ")} in this folder; the build context is apps/<name>.`,
      "Change nothing and run nothing: suggest commands instead, each in a code block of its own.",
    ].join("\n");
    const result = await desk.run("docker", ["ai", "--working-dir", folder, prompt], {
      env: { ...desk.env, TERM: "dumb", NO_COLOR: "1" },
      timeoutMs: TIMEOUT_MS,
    });
    const text = printable(result.stdout).trim();
    if (result.code !== 0 || text === "") {
      throw new UserError({
        what: "Gordon gave no answer",
        why: printable(result.stderr).trim() || `it ended with exit code ${result.code}`,
        next: "enable it in Docker Desktop (Settings, Beta features); the manual commands: npm run ops -- --manual",
      });
    }
    return { text: desk.redactor.text(text), exitCode: result.code, looks: [], suggestions: [] };
  });
}

function namesApplication(question: string, name: (typeof APPLICATIONS)[number]): boolean {
  return (name === "backend" ? /back[ -]?end/i : /front[ -]?end/i).test(question);
}
