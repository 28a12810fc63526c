import { type Exception, judge, readExceptions } from "../../../blueprints/exceptions";
import { notes, refusal } from "../../../blueprints/report";
import { check, type Finding, type Level, type Rule } from "../../../blueprints/rule";

function finding(level: Level = "mandatory", object = "Deployment/web"): Finding {
  const rule = {
    id: "kubernetes/resources",
    level,
    title: "Every container has limits.",
    reason: "one pod starves the others",
    remedy: "set resources.limits",
    source: ["FR-018"],
  } as const;
  return { rule, object, field: "spec", problem: "is not set" };
}

const EXCEPTION: Exception = {
  rule: "kubernetes/resources",
  reason: "it is measured next week",
  until: "2026-03-31",
};

describe("an exception", () => {
  it.each([
    ["2026-03-30", "accepted"],
    ["2026-03-31", "accepted"],
    ["2026-04-01", "mandatory"],
  ] as const)("on %s: %s", (today, where) => {
    const verdict = judge([finding()], [EXCEPTION], today);
    expect(verdict[where]).toHaveLength(1);
    expect(verdict.mandatory.length + verdict.accepted.length).toBe(1);
  });

  it("is for one object where it names one", () => {
    const both = [finding("mandatory", "Deployment/web"), finding("mandatory", "Deployment/api")];
    const { mandatory } = judge(both, [{ ...EXCEPTION, object: "Deployment/web" }], "2026-03-01");
    expect(mandatory.map(({ object }) => object)).toEqual(["Deployment/api"]);
  });

  it("that has ended is named where its finding stops the release", () => {
    expect(refusal(judge([finding()], [EXCEPTION], "2026-04-01"))).toContain(
      "the exception of kubernetes/resources ended on 2026-03-31",
    );
  });

  it("gives way to one that still holds", () => {
    const later = { ...EXCEPTION, until: "2026-12-31" };
    const verdict = judge([finding()], [EXCEPTION, later], "2026-04-01");
    expect([verdict.mandatory, verdict.expired]).toEqual([[], []]);
    expect(verdict.accepted[0]?.exception).toBe(later);
  });

  it("that accepts nothing is shown", () => {
    expect(notes(judge([], [EXCEPTION], "2026-03-01"))).toEqual([
      "the exception of kubernetes/resources accepts nothing",
    ]);
  });

  it("is shown with its reason and its day", () => {
    expect(notes(judge([finding()], [EXCEPTION], "2026-03-01"))).toEqual([
      expect.stringMatching(/^accepted until 2026-03-31: .*\(it is measured next week\)$/),
    ]);
  });
});

test("what is advisory stops nothing", () => {
  const verdict = judge([finding("advisory")], [], "2026-03-01");
  expect(refusal(verdict)).toBeUndefined();
  expect(notes(verdict)).toEqual([expect.stringMatching(/^advisory: kubernetes\/resources: /)]);
});

test("a rule that can't read its input refuses it", () => {
  const rule: Rule<{ list?: string[] }> = {
    ...finding("advisory").rule,
    check: ({ list }) => (list as string[]).map(() => finding()),
  };
  const [found, ...others] = check([rule], {});
  expect(others).toEqual([]);
  expect(found?.problem).toMatch(/^can't be read: .*undefined/);
  expect(found?.rule.level).toBe("mandatory");
});

test("no finding repeats a secret", () => {
  const text = "runs npm ci --registry https://ci:hunter2@npm.example.com";
  const rule: Rule<string> = {
    ...finding().rule,
    check: (problem) => [{ object: "Dockerfile", field: "line 1", problem }],
  };
  expect(check([rule], text)[0]?.problem).toBe(
    "runs npm ci --registry (a URL with a password)npm.example.com",
  );
});

describe("the configured list", () => {
  it("is taken as it is written, an unquoted day included", () => {
    const entry = {
      rule: "docker/user",
      object: "apps/x/Dockerfile",
      reason: "until it is rebuilt",
    };
    const day = { ...entry, until: "2026-12-31" };
    const moment = { ...entry, until: "2026-12-31T00:00:00Z" };
    const printed = { ...entry, until: "2026-12-31 00:00:00 +0000 UTC" };
    expect(readExceptions([day, moment, printed])).toEqual({
      exceptions: [day, day, day],
      mistakes: [],
    });
  });

  it.each([
    ["a list", {}],
    ["entry 1 no rule, reason and until", ["docker/user"]],
    ["entry 1 no rule such as", [{ ...EXCEPTION, rule: "resources" }]],
    ["entry 1 no reason of at least 10 characters", [{ ...EXCEPTION, reason: "because" }]],
    ["entry 2 no until that is a day", [EXCEPTION, { ...EXCEPTION, until: "2026-02-30" }]],
    ["entry 1 no until that is a day", [{ ...EXCEPTION, until: "never" }]],
    ["entry 1 an object that is no text", [{ ...EXCEPTION, object: 1 }]],
    ['entry 1 an unknown part "rules"', [{ ...EXCEPTION, rules: [] }]],
  ])("%s is told", (mistake, value) => {
    const { mistakes } = readExceptions(value);
    expect(mistakes).toEqual([expect.stringContaining(mistake)]);
  });
});
