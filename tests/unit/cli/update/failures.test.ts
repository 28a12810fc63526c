import { report } from "../../../../cli/main";
import { explain, type FailedUpdate } from "../../../../cli/update/explain";
import type { Outcome } from "../../../../cli/update/outcome";
import { UserError } from "../../../../common/errors";
import { CommandError } from "../../../../common/run";
import { ConfigError } from "../../../../components/settings/settings";
import { happened, outcomeOf, said } from "./support/events";

/** What is known of an update that has said these errors, or printed these lines. */
const outcome = (...errors: string[]): Outcome =>
  outcomeOf(errors.map((text) => said("error", text)));

const FAILED: FailedUpdate = { stack: "dev", code: 1, hasRelease: true };

describe("a failed update is explained", () => {
  test("by the pod, before all else", () => {
    const failure = {
      pod: "ns/p",
      reason: "CrashLoopBackOff",
      details: ["log:   boom"],
      hopeless: true,
    };
    const error = explain(outcome("update canceled"), { ...FAILED, failure });
    expect(error.why).toBe("pod ns/p: CrashLoopBackOff\nlog:   boom");
    expect(error.next).toContain("npm run up -- --stack dev");
  });

  test("by the pod, and what is left: nothing after a first rollout", () => {
    const failure = { pod: "ns/p", reason: "not ready", details: [], hopeless: false };
    const [again, first] = [true, false].map((hasRelease) =>
      explain(outcome("timed out"), { ...FAILED, hasRelease, failure }),
    );
    expect(again?.what).toBe("the rollout failed, and the release before it serves again");
    expect(first?.what).toBe("the first rollout failed, and was taken away again");
  });

  test("by the user who stopped it, where waiting might have helped", () => {
    const failure = { pod: "ns/p", reason: "not ready yet", details: [], hopeless: false };
    const stopped = { what: 'the update of stack "dev" was stopped', exitCode: 130 };
    expect(explain(outcome("update canceled"), { ...FAILED, failure })).toMatchObject(stopped);
    // Helm's words for it, where it was at work.
    const timedOut = outcome("failed to become available within allocated timeout");
    expect(explain(timedOut, { ...FAILED, isStopped: true })).toMatchObject(stopped);
  });

  test.each([
    ["another operation (install/upgrade/rollback) is in progress", /unlock/],
    ["update canceled", /npm run up -- --stack dev goes on from there/],
    ["exit status 3", /mend the cause/],
  ])("%s", (text, next) => {
    expect(explain(outcome(text), FAILED).next).toMatch(next);
  });

  test("by who holds the lock, as Pulumi prints it before its engine starts", () => {
    const printed = [
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end",
      "  file:///state/a.json: created by ann@far (pid 7) at 2026-11-29T00:00:00Z",
    ];
    const error = explain(outcomeOf(printed), FAILED);
    expect(error.what).toBe('stack "dev" is locked');
    expect(error.why).toMatch(/created by ann@far \(pid 7\)/);
    expect(error.next).toMatch(/unlock/);
  });

  test("by what the blueprints refused, word for word", () => {
    const refused = outcome(
      "1 mandatory finding of the blueprints, and nothing was changed:\nX: y",
    );
    expect(explain(refused, FAILED)).toMatchObject({
      what: 'stack "dev" breaks the blueprints',
      why: "1 mandatory finding of the blueprints, and nothing was changed:\nX: y",
    });
  });

  test("by the disk, where Pulumi can't write its state", () => {
    const full = outcome("writing /state/dev.json: no space left on device");
    expect(explain(full, FAILED)).toMatchObject({
      what: "the disk is full",
      why: "writing /state/dev.json: no space left on device",
    });
  });

  test("by each error once, with the resource that it is about", () => {
    const urn = "urn:pulumi:dev::todo-app::a:b:C$kubernetes:core/v1:Secret::todo-app-secrets";
    const failed = outcomeOf([
      said("error", "forbidden", urn),
      said("error", "forbidden", urn),
      happened("resOpFailedEvent", "update", urn),
      said("error", "update failed"),
    ]);
    expect(explain(failed, FAILED).why).toBe("Secret todo-app-secrets: forbidden");
  });
});

describe("the one place that prints errors", () => {
  let printed = "";
  beforeEach(() => {
    printed = "";
    jest.spyOn(process.stderr, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  test("shows what, why and next, and passes the exit code on", () => {
    expect(
      report(new UserError({ what: "port 1 is taken", why: "by x", next: "end x", exitCode: 64 })),
    ).toBe(64);
    expect(printed).toBe("✗ port 1 is taken\n  why:  by x\n  next: end x\n");
  });

  test("lists every mistake of a configuration", () => {
    expect(report(new ConfigError("dev", ["replicas must be 1", "nodePort must be 2"]))).toBe(1);
    expect(printed).toMatch(/2 mistakes[\s\S]*replicas must be 1[\s\S]*nodePort must be 2/);
    // Also for whoever has no pulumi yet, and no such stack.
    expect(printed).toMatch(/pulumi config set KEY VALUE --stack dev\n.*npm run --silent env/);
    expect(printed).toContain("pulumi stack init dev --no-select");
  });

  test("tells a full disk as one, and what to do", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
    });
    expect(report(full)).toBe(1);
    expect(printed).toMatch(/^✗ the disk is full\n.*ENOSPC.*\n {2}next: make room/);
  });

  test("tells what a program has said of its failure, without a stack trace", () => {
    const args = "pulumi stack ls --json --non-interactive";
    const result = { code: 255, stdout: "", stderr: "error: could not reach s3://team\n" };
    expect(report(new CommandError(args, result))).toBe(1);
    expect(printed).toMatch(
      /^✗ pulumi stack ls has failed\n {2}why: {2}error: could not reach s3:\/\/team\n {2}next: mend the cause/,
    );
    expect(printed).not.toMatch(/\n\s+at /);
  });

  test("tells whose a file is not, as after a command by sudo", () => {
    const denied = Object.assign(new Error("EACCES: permission denied, open '.state/x'"), {
      ...{ code: "EACCES", path: ".state/x" },
    });
    expect(report(denied)).toBe(1);
    expect(printed).toMatch(
      /^✗ this user may not use \.state\/x\n.*EACCES.*\n {2}next: see to its/,
    );
  });

  test("keeps the stack trace of what nobody expected", () => {
    expect(report(new TypeError("x is undefined"))).toBe(1);
    expect(printed).toMatch(/unexpected: TypeError: x is undefined\n\s+at /);
  });
});
