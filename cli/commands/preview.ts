import { stripVTControlCharacters } from "node:util";
import { notesIn } from "../../blueprints/report";
import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import type { RunResult } from "../../common/run";
import { main } from "../main";
import { openSession, preparePreview } from "../session/session";
import { givenPath, seal } from "../update/plan";
import { type PreviewChange, type Summary, section, summarize } from "../update/summary";

const FLAGS = {
  refresh: { type: "boolean", help: "ask the cluster first, so that drift shows too" },
  diff: { type: "boolean", help: "show every changed field in Pulumi's own words as well" },
  save: {
    type: "string",
    help: "file to keep it in, for up -- --plan: what was reviewed is what is deployed; secrets in it are encrypted",
  },
  json: { type: "boolean", help: "the summary and the steps as JSON" },
} as const;
const EXIT_CHANGES = 2;
/** As a shell has it for Ctrl-C. */
const EXIT_STOPPED = 130;

/** What `pulumi preview --json` says, as far as it is looked at. */
interface PreviewJson {
  steps?: PreviewChange[];
  diagnostics?: { severity: string; message: string }[];
}

main(
  "preview",
  "Shows what up would change, on one screen. Exit code 0: nothing; 2: something; 1: it can't be told.",
  FLAGS,
  async (invocation) => {
    const save = invocation.option("save");
    const plan = save === undefined ? undefined : givenPath(save);
    const session = await openSession(invocation.stack);
    await preparePreview(session);
    const { pulumi, stack } = session;
    const refresh = invocation.flag("refresh") ? ["--refresh"] : [];
    if (invocation.flag("diff")) {
      const shown = await pulumi.start(["preview", "--diff", ...refresh], say);
      await shown.endedDespiteSignals(); // the same failure is told by what follows
      if (shown.isStopped) return EXIT_STOPPED;
    }
    const saving = plan === undefined ? [] : ["--save-plan", plan];
    const preview = await step("preview", async () => {
      const result = await pulumi.try(["preview", "--json", ...refresh, ...saving]);
      return readable(stack, result);
    });
    if (plan !== undefined) {
      await seal(plan, session);
      say(`· saved: npm run up -- --stack ${stack} --plan ${save} deploys this, and nothing else`);
    }
    const summary = summarize(preview.steps ?? []);
    const rules = (preview.diagnostics ?? []).flatMap(({ message }) =>
      notesIn(stripVTControlCharacters(message)),
    );
    const told = invocation.flag("json")
      ? JSON.stringify(data(summary, rules, preview.steps ?? []), null, 2)
      : [...summary.lines, ...section("rules", rules)].join("\n");
    process.stdout.write(`${told}\n`);
    return summary.changes ? EXIT_CHANGES : 0;
  },
);

/** What a preview says. @throws UserError where there is none */
function readable(stack: string, { code, stdout, stderr }: RunResult): PreviewJson {
  const preview = parse(stdout);
  const errors = (preview.diagnostics ?? []).filter(({ severity }) => severity === "error");
  if (code === 0 && errors.length === 0) return preview;
  throw new UserError({
    what: `stack "${stack}" has no preview`,
    why:
      errors.map(({ message }) => stripVTControlCharacters(message).trim()).join("\n") ||
      stripVTControlCharacters(stderr || stdout).trim() ||
      `pulumi preview ended with exit code ${code}`,
    next: "mend the cause, then run it again",
  });
}

/** What `preview --json` prints. Of values it tells what the summary does: those of secrets never. */
function data({ changes, lines }: Summary, rules: string[], steps: readonly PreviewChange[]) {
  const changed = steps.filter(({ op }) => op !== "same");
  return { changes, summary: lines, rules, steps: changed.map(({ op, urn }) => ({ op, urn })) };
}

/** What stands in it is told by the exit code and standard error where it is no JSON. */
function parse(text: string): PreviewJson {
  const start = text.indexOf("{");
  try {
    return start < 0 ? {} : (JSON.parse(text.slice(start)) as PreviewJson);
  } catch {
    return {};
  }
}
