import { relative } from "node:path";
import { judge, type Verdict } from "../../blueprints/exceptions";
import { describe, notes } from "../../blueprints/report";
import type { Finding } from "../../blueprints/rule";
import { UserError } from "../../common/errors";
import { step } from "../../common/progress";
import { ensureTools } from "../../tools";
import { type Invocation, main } from "../main";
import { openSession } from "../session/session";
import { givenPath } from "../update/plan";
import { deployedFindings, helmTests, type TestRun } from "../verify/deployed";
import { chartFindings, dockerfileFindings, imageFindings } from "../verify/sources";

const FLAGS = {
  chart: { type: "string", help: "folder of a chart, this project's or another" },
  values: { type: "string", help: "values files for the chart, separated by commas" },
  dockerfile: { type: "string", help: "a Dockerfile; the .dockerignore beside it counts" },
  image: { type: "string", help: "an image of the local Docker engine" },
  json: { type: "boolean", help: "the findings as JSON" },
} as const;

/** What `verify --json` prints. */
interface Report {
  passed: boolean;
  tests: TestRun[];
  mandatory: Row[];
  advisory: Row[];
  accepted: (Row & { until: string; exception: string })[];
}

interface Row {
  rule: string;
  object: string;
  field: string;
  problem: string;
  reason: string;
  remedy: string;
}

main(
  "verify",
  "Asks the blueprints about a chart, a Dockerfile or an image; without any, about what runs, after helm test. Exit code 1 where a mandatory rule is broken or a test fails.",
  FLAGS,
  async (invocation) => {
    const { verdict, tests } = await look(invocation);
    const passed = verdict.mandatory.length === 0 && tests.every((test) => test.passed);
    const text = invocation.flag("json")
      ? JSON.stringify(report(passed, verdict, tests), null, 2)
      : lines(verdict, tests).join("\n");
    process.stdout.write(`${text}\n`);
    return passed ? 0 : 1;
  },
);

async function look(invocation: Invocation): Promise<{ verdict: Verdict; tests: TestRun[] }> {
  const { option } = invocation;
  const [chart, dockerfile, image] = [option("chart"), option("dockerfile"), option("image")];
  const values = option("values")?.split(",").map(pathOf) ?? [];
  if (values.length > 0 && chart === undefined) throw valuesWithoutChart();
  if (chart === undefined && dockerfile === undefined && image === undefined)
    return deployed(invocation);
  const findings: Finding[] = [];
  if (dockerfile !== undefined) findings.push(...dockerfileFindings(pathOf(dockerfile)));
  if (chart !== undefined || image !== undefined) {
    const { env } = await ensureTools();
    if (chart !== undefined) findings.push(...(await chartFindings(pathOf(chart), values, env)));
    if (image !== undefined) findings.push(...(await imageFindings(image, env)));
  }
  return { verdict: judge(findings), tests: [] };
}

/** A path as the user has meant it, told from here. */
function pathOf(given: string): string {
  return relative(process.cwd(), givenPath(given)) || ".";
}

function valuesWithoutChart(): UserError {
  return new UserError({
    what: "there are values for no chart",
    why: "--values goes with --chart; what runs has its own",
    next: "npm run verify -- --chart FOLDER --values FILE",
    exitCode: 64,
  });
}

async function deployed({ stack }: Invocation): Promise<{ verdict: Verdict; tests: TestRun[] }> {
  const session = await openSession(stack);
  const findings = await step("what runs is looked at", () => deployedFindings(session));
  const tests = await step("helm test", () => helmTests(session));
  return { verdict: judge(findings, session.settings.blueprintExceptions), tests };
}

function lines(verdict: Verdict, tests: readonly TestRun[]): string[] {
  const { mandatory, advisory, accepted } = verdict;
  return [
    ...tests.map(({ name, passed, reason }) =>
      passed ? `✓ ${name}` : `✗ ${name}${reason ? `: ${reason}` : ""}`,
    ),
    ...mandatory.map((finding) => `✗ ${describe(finding)}`),
    ...notes(verdict),
    `${mandatory.length} mandatory, ${advisory.length} advisory, ${accepted.length} accepted`,
  ];
}

function report(passed: boolean, verdict: Verdict, tests: TestRun[]): Report {
  return {
    passed,
    tests,
    mandatory: verdict.mandatory.map(row),
    advisory: verdict.advisory.map(row),
    accepted: verdict.accepted.map(({ finding, exception }) => ({
      ...row(finding),
      until: exception.until,
      exception: exception.reason,
    })),
  };
}

function row({ rule, object, field, problem }: Finding): Row {
  return { rule: rule.id, object, field, problem, reason: rule.reason, remedy: rule.remedy };
}
