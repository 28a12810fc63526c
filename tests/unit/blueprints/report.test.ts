import { judge } from "../../../blueprints/exceptions";
import { noted, notesIn, refusal, refusalIn } from "../../../blueprints/report";
import type { Finding, Level } from "../../../blueprints/rule";

function finding(level: Level): Finding {
  const rule = {
    id: "kubernetes/resources",
    level,
    title: "Every container has limits.",
    reason: "one pod starves the others",
    remedy: "set resources.limits",
    source: ["FR-018"],
  } as const;
  return { rule, object: "Deployment/web", field: "spec", problem: "is not set" };
}

const REFUSAL = refusal(judge([finding("mandatory"), finding("mandatory")])) ?? "";

test("a refusal counts the findings, and tells object, field, reason and remedy of each", () => {
  const each = [
    "kubernetes/resources: Deployment/web, spec: is not set",
    "  why: one pod starves the others",
    "  do:  set resources.limits",
  ];
  expect(REFUSAL.split("\n")).toEqual([
    "2 mandatory findings of the blueprints, and nothing was changed:",
    ...each,
    ...each,
  ]);
});

test("a refusal is found in what Pulumi prints, the first time half of it and the second time whole", () => {
  const [title = "", ...rest] = REFUSAL.split("\n");
  const lines = [
    "Updating (dev):",
    `    pulumi:pulumi:Stack todo-app-dev running error: ${title}`,
    "Diagnostics:",
    "  pulumi:pulumi:Stack (todo-app-dev):",
    `    error: ${title}`,
    ...rest.map((line) => `    ${line}`),
    "",
    "Resources:",
    "    1 errored",
  ];
  expect(refusalIn(lines)).toBe(REFUSAL);
  expect(refusalIn(["    error: update failed"])).toBeUndefined();
});

test("a refusal that ends with the text is whole, and the exceptions that have ended are named", () => {
  const until = { reason: "r", until: "2020-01-01" };
  const verdict = judge(
    [finding("mandatory")],
    [
      { rule: "kubernetes/resources", ...until },
      { rule: "kubernetes/resources", object: "Deployment/web", ...until },
    ],
  );
  const text = refusal(verdict) ?? "";
  expect(text.split("\n")[0]).toBe(
    "1 mandatory finding of the blueprints, and nothing was changed:",
  );
  expect(text.split("\n").slice(-2)).toEqual([
    "the exception of kubernetes/resources ended on 2020-01-01",
    "the exception of kubernetes/resources for Deployment/web ended on 2020-01-01",
  ]);
  const [first = "", ...rest] = text.split("\n");
  expect(refusalIn([`error: ${first}`, ...rest])).toBe(text);
});

test("what doesn't stop a release is told: what is accepted, and what accepts nothing", () => {
  const exception = { rule: "kubernetes/resources", reason: "measured", until: "2999-12-31" };
  const unused = { ...exception, rule: "kubernetes/probes", object: "Deployment/web" };
  expect(noted(judge([finding("mandatory")], [exception, unused]))?.split("\n")).toEqual([
    "blueprints:",
    "accepted until 2999-12-31: kubernetes/resources: Deployment/web, spec: is not set (measured)",
    "the exception of kubernetes/probes for Deployment/web accepts nothing",
  ]);
});

test("notes are found in the warning that Pulumi hands on, and in no other", () => {
  const text = noted(judge([finding("advisory")])) ?? "";
  expect(notesIn(`warning: ${text}\n`)).toEqual([
    "advisory: kubernetes/resources: Deployment/web, spec: is not set. set resources.limits",
  ]);
  expect(notesIn("warning: a resource is deprecated")).toEqual([]);
  expect(noted(judge([finding("mandatory")]))).toBeUndefined();
});
