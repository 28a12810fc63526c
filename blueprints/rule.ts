import { masked } from "./secrets";

/** How much a finding weighs: a mandatory one stops a release, an advisory one is shown. */
export type Level = "mandatory" | "advisory";

/** What a blueprint is about, and the first part of its rules' ids. */
export type Blueprint = "docker" | "kubernetes" | "helm";

/** One thing that a rule has found. */
export interface Found {
  /** What it is in: "Deployment/todo-app-backend", "apps/backend/Dockerfile", "Chart.yaml". */
  object: string;
  /** Where in it: "spec.template.spec.hostNetwork", "line 12", "version". */
  field: string;
  /** What is wrong there, in a few words: "is not set", "is 3". */
  problem: string;
}

/** A rule of a blueprint: pure, and fast enough to run before every release. */
export interface Rule<Input> {
  /** The folder it is in, such as "kubernetes/resources". */
  id: `${Blueprint}/${string}`;
  level: Level;
  /** What it asks for, in one sentence. */
  title: string;
  /** What goes wrong where it is broken. */
  reason: string;
  /** What to write instead. */
  remedy: string;
  /** Where it comes from: numbers of the specification, standards, or other rule sets' ideas. */
  source: readonly string[];
  /** Everything in the input that breaks the rule. */
  check(input: Input): Iterable<Found>;
}

/** A rule without its check: what is told of it. */
export type RuleFacts = Omit<Rule<never>, "check">;

/** Something found, with the rule that found it. */
export interface Finding extends Found {
  rule: RuleFacts;
}

/** Everything that some rules find in an input, mandatory findings first. */
export function check<Input>(rules: readonly Rule<Input>[], input: Input): Finding[] {
  const found = rules.flatMap((rule) => findings(rule, input));
  return [...found.filter(isMandatory), ...found.filter((finding) => !isMandatory(finding))];
}

/** Whether a finding stops a release. */
export function isMandatory({ rule }: Finding): boolean {
  return rule.level === "mandatory";
}

function findings<Input>(rule: Rule<Input>, input: Input): Finding[] {
  try {
    return [...rule.check(input)].map((found) => ({
      ...found,
      problem: masked(found.problem),
      rule,
    }));
  } catch (error) {
    // Objects come from templates, and may have any shape: what can't be read can't be released either.
    const problem = `can't be read: ${error instanceof Error ? error.message : String(error)}`;
    const unreadable: RuleFacts = { ...rule, level: "mandatory" };
    return [{ object: "(input)", field: "(all)", problem, rule: unreadable }];
  }
}
