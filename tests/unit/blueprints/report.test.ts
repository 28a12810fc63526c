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

test("notes are found in the warning that Pulumi hands on, and in no other", () => {
  const text = noted(judge([finding("advisory")])) ?? "";
  expect(notesIn(`warning: ${text}\n`)).toEqual([
    "advisory: kubernetes/resources: Deployment/web, spec: is not set. set resources.limits",
  ]);
  expect(notesIn("warning: a resource is deprecated")).toEqual([]);
  expect(noted(judge([finding("mandatory")]))).toBeUndefined();
});
