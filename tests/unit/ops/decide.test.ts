import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditRecord, AuditTrail, readAudit } from "../../../ops/audit";
import { decide } from "../../../ops/decide";
import { Redactor } from "../../../ops/redact";
import { review } from "../../../ops/review";
import { deskFor, FakeRunner } from "./support";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "decide-test-"));
  file = join(folder, "operations.jsonl");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const about = {
  question_id: "q",
  stack: "dev",
  namespace: "todo-app",
  tool: "kubectl-ai",
  tool_version: "0.0.31",
  model: "m",
  question: "scale it",
};
const SCALE = "kubectl scale deployment/todo-app-backend --replicas=2";
const TARGET = "--context=minikube --namespace=todo-app";

async function decisions(): Promise<AuditRecord[]> {
  return (await readAudit(file)).records;
}

describe("a decision", () => {
  it("runs an approved change exactly as it was shown, without a shell, and records its end (FR-067, FR-070, story 6.8)", async () => {
    const runner = new FakeRunner([[/scale/, { stdout: "scaled\n" }]]);
    const desk = deskFor(file, runner, ["y"]);
    expect(await decide(desk, about, review(SCALE, desk.scope))).toBe(0);
    expect(runner.lines).toEqual([`${SCALE} ${TARGET}`]);
    expect(desk.shown[0]).toContain(`${SCALE} ${TARGET}`);
    const [decision, result] = await decisions();
    expect(decision).toMatchObject({ event: "decision", class: "change", decision: "approved" });
    expect(result).toMatchObject({
      event: "result",
      decision_id: decision?.id,
      command: `${SCALE} ${TARGET}`,
      exit_code: 0,
      output: "scaled\n",
    });
  });

  it.each(["", "n", "no", "yess", "Y es", "kubectl"])(
    "takes %j for a no (FR-067)",
    async (answer) => {
      const runner = new FakeRunner();
      const desk = deskFor(file, runner, [answer]);
      expect(await decide(desk, about, review(SCALE, desk.scope))).toBeUndefined();
      expect(runner.lines).toEqual([]);
      expect(await decisions()).toMatchObject([{ decision: "rejected", command: null }]);
    },
  );

  it("runs nothing where nobody can be asked (FR-067)", async () => {
    const runner = new FakeRunner();
    const desk = deskFor(file, runner, []);
    await decide(desk, about, review(SCALE, desk.scope));
    expect(runner.lines).toEqual([]);
    expect(await decisions()).toMatchObject([{ decision: "not asked", command: null }]);
  });

  it.each(["y", "yes", "todo-app", "todo-app-backend x"])(
    "takes %j for no consent to a destructive command (FR-067, story 6.6)",
    async (answer) => {
      const runner = new FakeRunner();
      const desk = deskFor(file, runner, [answer]);
      await decide(desk, about, review("kubectl delete deploy todo-app-backend", desk.scope));
      expect(runner.lines).toEqual([]);
      expect(await decisions()).toMatchObject([{ class: "destructive", decision: "rejected" }]);
    },
  );

  it("runs a destructive command when its object's name is typed (story 6.6)", async () => {
    const runner = new FakeRunner([[/delete/, { code: 3, stderr: "not found" }]]);
    const desk = deskFor(file, runner, ["todo-app-backend"]);
    const reviewed = review("kubectl delete deploy todo-app-backend", desk.scope);
    expect(await decide(desk, about, reviewed)).toBe(3);
    expect(runner.lines).toEqual([`kubectl delete deploy todo-app-backend ${TARGET}`]);
    expect(await decisions()).toMatchObject([
      { decision: "approved" },
      { exit_code: 3, output: "not found" },
    ]);
  });

  it("doesn't even ask about a forbidden command (FR-069)", async () => {
    const runner = new FakeRunner();
    const desk = deskFor(file, runner, ["y", "yes"]);
    const reviewed = review("kubectl get secret todo-app-secrets -o yaml", desk.scope);
    expect(await decide(desk, about, reviewed)).toBeUndefined();
    expect(desk.asked).toEqual([]);
    expect(runner.lines).toEqual([]);
    expect(await decisions()).toMatchObject([{ class: "forbidden", decision: "forbidden" }]);
  });

  it("runs nothing that can't be recorded (FR-070, story 6.8)", async () => {
    const runner = new FakeRunner();
    const desk = { ...deskFor(file, runner, ["y"]), audit: new AuditTrail("/dev/full") };
    await expect(decide(desk, about, review(SCALE, desk.scope))).rejects.toThrow(
      /nothing more is run/,
    );
    expect(runner.lines).toEqual([]);
  });

  it("gives a manifest to the program's input", async () => {
    const runner = new FakeRunner([[/apply/, {}]]);
    const desk = deskFor(file, runner, ["y"]);
    const text =
      "kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nEOF";
    await decide(desk, about, review(text, desk.scope));
    expect(runner.calls[0]?.options.input).toContain("kind: ConfigMap");
    expect(desk.shown[0]).toContain("kind: ConfigMap");
  });

  it("keeps secrets out of the audit file (FR-069)", async () => {
    const runner = new FakeRunner([[/logs/, { stdout: "connecting with xyzzy-plugh\n" }]]);
    const desk = deskFor(file, runner, ["y"], new Redactor(["xyzzy-plugh"]));
    await decide(desk, about, review("kubectl logs pod-1", desk.scope));
    expect(JSON.stringify(await decisions())).not.toContain("xyzzy-plugh");
    expect(await decisions()).toMatchObject([{}, { output: "connecting with [redacted]\n" }]);
  });

  it("shows what it is about, and how it ended", async () => {
    const runner = new FakeRunner([[/scale/, { code: 3, stdout: "a\u001b[2Jb\n" }]]);
    const desk = deskFor(file, runner, ["y"]);
    await decide(desk, about, review(SCALE, desk.scope));
    expect(desk.shown).toEqual([
      `\n→ ${SCALE} ${TARGET}\n  change: sets the number of pods to 2`,
      ...["  ab", "  ✗ exit code 3"],
    ]);
    expect(desk.asked).toEqual(["  run it? [y/N] "]);
  });

  it.each(["y", "Y", "yes", " YES "])("takes %j for a yes", async (answer) => {
    const desk = deskFor(file, new FakeRunner([[/./, {}]]), [answer]);
    expect(await decide(desk, about, review(SCALE, desk.scope))).toBe(0);
    expect(desk.shown.at(-1)).toBe("  ✓ done");
  });

  it("says why nothing runs", async () => {
    const shown = async (command: string, answer?: string) => {
      const desk = deskFor(file, new FakeRunner(), answer === undefined ? [] : [answer]);
      await decide(desk, about, review(command, desk.scope));
      return [desk.shown.slice(1), desk.asked];
    };
    expect(await shown(SCALE, "n")).toEqual([["  not run"], [expect.any(String)]]);
    const nobody = ["  not run: there is no terminal to decide at"];
    expect(await shown(SCALE)).toEqual([nobody, [expect.any(String)]]);
    expect(await shown("helm uninstall todo-app")).toEqual([
      ...[nobody, ["  type todo-app to run it: "]],
    ]);
    expect(await shown("helm uninstall todo-app", " todo-app ")).toMatchObject([
      ["  ✗ exit code 127"],
      expect.anything(),
    ]);
    expect(await shown("kubectl get secrets", "y")).toEqual([[], []]);
  });

  it("marks what never runs, and shows a manifest line by line", async () => {
    const desk = deskFor(file, new FakeRunner(), ["n"]);
    await decide(desk, about, review("kubectl get\u001b[2J secrets | sh", desk.scope));
    expect(desk.shown[0]).toMatch(
      /^\n✗ kubectl get secrets \| sh\n {2}forbidden, never runs here: needs a shell/,
    );
    const text = "kubectl apply -f - <<'EOF'\nkind: Pod\nmetadata: {name: x}\nEOF";
    await decide(desk, about, review(text, desk.scope));
    expect(desk.shown[1]).toContain(
      "<<'EOF'\n  kind: Pod\n  metadata: {name: x}\n  EOF\n  change: ",
    );
  });

  it("keeps the end of a long output", async () => {
    const stdout = `first${"x".repeat(3_997)}`;
    const desk = deskFor(file, new FakeRunner([[/./, { stdout, stderr: "end" }]]), ["y"]);
    await decide(desk, about, review(SCALE, desk.scope));
    const [, result] = await decisions();
    expect(result).toMatchObject({ output: `${"x".repeat(3_997)}end` });
  });

  it("asks for room before it records a consent, and tells where the end couldn't be recorded", async () => {
    const runner = new FakeRunner([[/./, { code: 3 }]]);
    const desk = deskFor(file, runner, ["y", "y", "n"]);
    const room = jest.spyOn(desk.audit, "requireRoom").mockRejectedValueOnce(new Error("full"));
    await expect(decide(desk, about, review(SCALE, desk.scope))).rejects.toThrow("full");
    expect([runner.lines, await decisions()]).toEqual([[], []]);
    const append = desk.audit.append.bind(desk.audit);
    jest.spyOn(desk.audit, "append").mockImplementation(async (entry) => {
      if (entry.event === "result") throw new Error("no space");
      return append(entry);
    });
    await expect(decide(desk, about, review(SCALE, desk.scope))).rejects.toMatchObject({
      what: "the command ran (exit code 3), but its end is not in the audit file",
      why: "no space",
    });
    room.mockClear();
    await decide(desk, about, review(SCALE, desk.scope));
    expect(room).not.toHaveBeenCalled();
  });

  it("gives a command no input where it has none, and runs it in the stack's environment", async () => {
    const runner = new FakeRunner([[/./, {}]]);
    const desk = deskFor(file, runner, ["y"]);
    await decide(desk, about, review(SCALE, desk.scope));
    expect(Object.keys(runner.calls[0]?.options ?? {}).sort()).toEqual(["env", "onLine"]);
    expect(runner.calls[0]?.options.env).toEqual(desk.env);
  });
});
