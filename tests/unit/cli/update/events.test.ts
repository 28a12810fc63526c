import { BuildOutput } from "../../../../cli/update/build-output";
import { Display } from "../../../../cli/update/display";
import { readEvent } from "../../../../cli/update/events";
import { explain } from "../../../../cli/update/explain";
import { follow, happened, outcomeOf, recorded, said } from "./support/events";

const IMAGE = "urn:pulumi:dev::todo-app::todo-app:components:AppImage$docker:index/image:Image";
const BACKEND = `${IMAGE}::backend`;
const FAILED = { stack: "dev", code: 1, hasRelease: true };

describe("an event", () => {
  test("of a resource tells its type, name and changed properties", () => {
    const urn = "urn:pulumi:dev::todo-app::a:b:C$kubernetes:helm.sh/v3:Release::todo-app";
    const line = happened("resourcePreEvent", "update", urn, ["values.a.b", "values.c", "timeout"]);
    expect(readEvent(line)).toEqual({
      kind: "begins",
      step: {
        ...{ op: "update", urn, type: "kubernetes:helm.sh/v3:Release", name: "todo-app" },
        ...{ isCustom: true, changed: ["values", "timeout"] },
      },
    });
  });

  test("for debugging is dropped where it is read: it may hold secrets", () => {
    expect(readEvent(said("debug", "jwtSecret=s3cr3t"))).toBeUndefined();
  });

  test.each(["error: no stack named 'x' found", "{half an event", '{"a":'])(
    "is not what else Pulumi prints: %s",
    (text) => {
      expect(readEvent(text)).toEqual({ kind: "printed", text });
    },
  );

  test("of a policy that refuses is an error of its resource", () => {
    const policyEvent = {
      ...{ resourceUrn: BACKEND, policyName: "no-latest", message: "named latest\n" },
      enforcementLevel: "mandatory",
    };
    expect(readEvent(JSON.stringify({ policyEvent }))).toEqual({
      ...{ kind: "said", severity: "error", text: "policy no-latest: named latest" },
      ...{ urn: BACKEND, isPassing: false },
    });
  });
});

describe("a build by the docker plugin", () => {
  const failed = recorded("docker-5.2.0-failed-build");
  const edited = recorded("docker-5.2.0-edited-back-end");

  test("that fails is explained by the step and the command's own last lines", () => {
    const error = explain(outcomeOf(failed), FAILED);
    expect(error.what).toBe("the image of the backend doesn't build, and nothing was deployed");
    expect(error.why.split("\n")).toEqual([
      expect.stringMatching(/^\[2\/2\] RUN \["python", "-c", .*no such module: zzz/),
      "no such module: zzz",
      "line one",
      expect.stringMatching(/^error reading build output: .*exit code: 1$/),
    ]);
    expect(error.next).toBe("mend apps/backend, then npm run up -- --stack dev");
  });

  test("is shown by one line for each step of the Dockerfile", () => {
    const row = " ~  docker:index:Image backend updating (0s) [diff: ~build,imageName]";
    const { shown } = follow(edited);
    const build = shown.filter((line) => line.includes("docker:index:Image"));
    expect(build[0]).toBe(row);
    expect(build.at(-1)).toBe(
      " ~  docker:index:Image backend updated (0s) [diff: ~build,imageName]",
    );
    const steps = build.slice(1, -1).map((line) => line.replace(`${row}; `, ""));
    expect(new Set(steps).size).toBe(steps.length);
    expect(steps).toContain("[app 2/4] COPY app ./app");
    for (const step of steps) expect(step).toMatch(/^\[(?:[a-z]+ )?\d+\/\d+\] [A-Z]+ /);
  });

  test("is followed by the rest of the update, which ends with its reason and what was done", () => {
    const { shown, outcome } = follow(edited);
    const rest = shown.slice(shown.findIndex((line) => line.includes("MinikubeImage")));
    expect(rest.slice(0, 3)).toEqual([
      expect.stringMatching(/^ ~ {2}\S+MinikubeImage \S+ updating \(0s\)$/),
      expect.stringMatching(/^ ~ {2}\S+MinikubeImage \S+ updated \(0s\)$/),
      " ~  kubernetes:helm.sh/v3:Release todo-app updating (0s) [diff: ~values]",
    ]);
    expect(rest).toContain(
      " ~  kubernetes:helm.sh/v3:Release todo-app **updating failed** [diff: ~values]",
    );
    expect(rest.slice(-3)).toEqual(["Resources:", "    ~ 2 updated", "    12 unchanged"]);
    expect(explain(outcome, FAILED).why).toMatch(/^Release todo-app: 1 error occurred:/);
  });
});

describe("a build in BuildKit's plain progress", () => {
  const steps = ["#7 [2/4] RUN pip install .", "#8 [web 2/3] RUN npm ci"];
  const work = Array.from({ length: 300 }, (_, i) => `#7 ${i}.5 Collecting package-${i}`);
  const lines = [
    happened("resourcePreEvent", "update", BACKEND),
    ...[
      "#1 [internal] load build definition from Dockerfile",
      "#5 [1/4] FROM python:3.11-slim",
      "#5 CACHED",
      ...steps,
      "#8 0.1 what the other step says",
      "#7 sha256:0123 1MB / 2MB",
      ...work,
      "#7 300.1 no such package: zzz",
      '#7 ERROR: process "/bin/sh -c pip install ." did not complete successfully: exit code: 1',
      "------",
      "ERROR: failed to solve",
    ].map((text) => said("info", text, BACKEND, true)),
    said("error", "the build ended with exit code 1", BACKEND),
    happened("resOpFailedEvent", "update", BACKEND),
  ];

  test("shows its hundreds of lines as one for each step", () => {
    expect(follow(lines).shown).toEqual([
      " ~  docker:index:Image backend updating (0s)",
      ...["[1/4] FROM python:3.11-slim", "[2/4] RUN pip install .", "[web 2/3] RUN npm ci"].map(
        (step) => ` ~  docker:index:Image backend updating (0s); ${step}`,
      ),
      "    docker:index:Image backend error: the build ended with exit code 1",
      " ~  docker:index:Image backend **updating failed**",
    ]);
  });

  test("of thousands of lines keeps the last", () => {
    const many = new BuildOutput();
    many.see("#7 [1/1] RUN make");
    for (let line = 0; line < 5_000; line += 1) many.see(`#7 ${line}.0 line ${line}`);
    many.see("#7 ERROR: exit code: 1");
    expect(many.lastWords).toHaveLength(13);
    expect(many.lastWords.at(-1)).toBe("line 4999");
  });

  test("that fails is explained by the failing step alone", () => {
    expect(explain(outcomeOf(lines), FAILED).why.split("\n")).toEqual([
      "[2/4] RUN pip install .",
      ...Array.from({ length: 11 }, (_, i) => `Collecting package-${289 + i}`),
      "no such package: zzz",
      "the build ended with exit code 1",
    ]);
  });
});

describe("what is shown", () => {
  const RELEASE = "urn:pulumi:dev::todo-app::kubernetes:helm.sh/v3:Release::todo-app";

  test("leaves out what stays as it is, and what only groups others", () => {
    const component = "urn:pulumi:dev::todo-app::todo-app:components:AppImage::backend";
    const metadata = { op: "create", urn: component, type: "todo-app:components:AppImage" };
    const { shown } = follow([
      happened("resourcePreEvent", "same", RELEASE),
      happened("resOutputsEvent", "same", RELEASE),
      JSON.stringify({ resourcePreEvent: { metadata } }),
    ]);
    expect(shown).toEqual([]);
  });

  test("counts the seconds of each resource, and gives a sign of life of what takes long", () => {
    let now = 0;
    const display = new Display(() => now);
    follow([happened("resourcePreEvent", "create", RELEASE)], display);
    now = 20_900;
    expect(display.waiting()).toEqual([
      "…  +  kubernetes:helm.sh/v3:Release todo-app creating (20s)",
    ]);
    const { shown } = follow([happened("resOutputsEvent", "create", RELEASE)], display);
    expect(shown).toEqual([" +  kubernetes:helm.sh/v3:Release todo-app created (20s)"]);
    expect(display.waiting()).toEqual([]);
  });

  test("has warnings and messages whole, once", () => {
    const { shown } = follow([said("warning", "blueprints:\nadvisory: x"), said("info", "hello")]);
    expect(shown).toEqual(["    warning: blueprints:", "    advisory: x", "    hello"]);
  });

  const passing = (text: string, urn: string | undefined = RELEASE) =>
    said("info", text, urn, true);

  test("has what passes for a resource that is worked on: its first line, when it is another, each five seconds at most", () => {
    let now = 10_000;
    const display = new Display(() => now);
    const shown = (...lines: string[]) => follow(lines, display).shown;
    expect(shown(passing("before it begins"))).toEqual([]);
    shown(happened("resourcePreEvent", "update", RELEASE));
    const row = " ~  kubernetes:helm.sh/v3:Release todo-app updating";
    expect(shown(passing("waits\nfor pods"))).toEqual([`${row} (0s); waits`]);
    now += 5_000;
    expect(shown(passing("waits"))).toEqual([]);
    expect(shown(passing("nearly"))).toEqual([`${row} (5s); nearly`]);
    now += 4_999;
    expect(shown(passing("there"))).toEqual([]);
    expect(display.waiting()).toEqual([`… ${row} (9s); there`]);
    expect(shown(said("info", "of no resource", undefined, true))).toEqual([]);
  });

  test("cuts what is too long for a line", () => {
    const display = new Display(() => 10_000);
    follow([happened("resourcePreEvent", "update", RELEASE)], display);
    const [line = ""] = follow([passing("x".repeat(200))], display).shown;
    expect(line.endsWith(`; ${"x".repeat(160)}`)).toBe(true);
  });

  test.each([
    ["create", " + ", "creating", "created"],
    ["delete", " - ", "deleting", "deleted"],
    ["replace", "+-", "replacing", "replaced"],
    ["create-replacement", "++", "creating replacement", "created replacement"],
    ["delete-replaced", "--", "deleting original", "deleted original"],
    ["import", " = ", "importing", "imported"],
    ["discard", " < ", "discarding", "discarded"],
  ])("marks a %s by %s", (op, mark, doing, done) => {
    const { shown } = follow([
      happened("resourcePreEvent", op, RELEASE),
      happened("resOutputsEvent", op, RELEASE),
    ]);
    const start = `${mark.padEnd(4)}kubernetes:helm.sh/v3:Release todo-app`;
    expect(shown).toEqual([`${start} ${doing} (0s)`, `${start} ${done} (0s)`]);
  });

  test("counts what was done, without what didn't happen", () => {
    const summaryEvent = {
      resourceChanges: { create: 2, update: 0, read: 3, "delete-replaced": 1 },
    };
    expect(follow([JSON.stringify({ summaryEvent })]).shown).toEqual([
      ...["Resources:", "    + 2 created", "    -- 1 deleted original"],
    ]);
    const same = { resourceChanges: { same: 4 } };
    expect(follow([JSON.stringify({ summaryEvent: same })]).shown).toEqual([
      ...["Resources:", "    4 unchanged"],
    ]);
    expect(follow([JSON.stringify({ summaryEvent: { resourceChanges: {} } })]).shown).toEqual([]);
    expect(follow([JSON.stringify({ summaryEvent: {} })]).shown).toEqual([]);
  });

  test("leaves out blank lines, Pulumi's last word and its own providers", () => {
    const provider = "urn:pulumi:dev::todo-app::pulumi:providers:kubernetes::k8s";
    const stdoutEvent = { message: "printed\n" };
    const { shown } = follow([
      ...["", "   ", JSON.stringify({ stdoutEvent })],
      ...[said("error", "update failed"), happened("resourcePreEvent", "create", provider)],
    ]);
    expect(shown).toEqual(["printed"]);
  });

  test("names the resource that something is said of", () => {
    const urn = "urn:pulumi:dev::todo-app::a:b:C$kubernetes:core/v1:Secret::todo::x";
    expect(follow([said("error", "denied", urn), said("warning", "old", urn)]).shown).toEqual([
      "    kubernetes:core/v1:Secret todo::x error: denied",
      "    kubernetes:core/v1:Secret todo::x warning: old",
    ]);
  });
});

describe("what an event says", () => {
  test("of a policy that only advises is a warning", () => {
    const policyEvent = { policyName: "p", message: "m", enforcementLevel: "advisory" };
    expect(readEvent(JSON.stringify({ policyEvent }))).toEqual({
      ...{ kind: "said", severity: "warning", text: "policy p: m", urn: undefined },
      isPassing: false,
    });
  });

  test("of properties is told once each, from the details before the names", () => {
    const metadata = { op: "update", urn: BACKEND, old: { custom: true }, new: { custom: false } };
    const step = (more: object) =>
      readEvent(JSON.stringify({ resourcePreEvent: { metadata: { ...metadata, ...more } } }));
    expect(step({ detailedDiff: { "a.b": {}, "a[0]": {}, c: {} }, diffs: ["d"] })).toMatchObject({
      step: { changed: ["a", "c"], type: "docker:index/image:Image", isCustom: true },
    });
    expect(step({ diffs: ["d.e"], type: "own:type" })).toMatchObject({
      step: { changed: ["d"], type: "own:type" },
    });
    expect(step({})).toMatchObject({ step: { changed: [] } });
  });

  test.each([
    { resourcePreEvent: { metadata: { op: "update" } } },
    { resourcePreEvent: { metadata: { urn: "u" } } },
    { resourcePreEvent: {} },
    { preludeEvent: {} },
  ])("%j is nothing to a user", (event) => {
    expect(readEvent(JSON.stringify(event))).toBeUndefined();
  });

  test.each(["info#err", "info"])("of severity %s is but said", (severity) => {
    const line = JSON.stringify({
      diagnosticEvent: { message: "\u001b[31mred\u001b[0m\n", severity, urn: "" },
    });
    expect(readEvent(line)).toEqual({
      ...{ kind: "said", severity: "info", text: "red", urn: undefined, isPassing: false },
    });
  });
});
