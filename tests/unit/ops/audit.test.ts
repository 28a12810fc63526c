import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../common/errors";
import { AuditTrail, auditFile, type Entry, readAudit } from "../../../ops/audit";
import { history } from "../../../ops/history";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-test-"));
  file = join(folder, "deeper", "operations.jsonl");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const about = {
  question_id: "q1",
  stack: "dev",
  namespace: "todo-app",
  tool: "kubectl-ai",
  tool_version: "0.0.31",
  model: "openai/m",
  question: "why?",
};
const question: Entry = { ...about, event: "question", context: "namespace todo-app" };

describe("the audit file", () => {
  it("gets one line for each record, readable by its owner only (FR-070)", async () => {
    const trail = new AuditTrail(file);
    await trail.append(question);
    await trail.append({
      ...about,
      event: "decision",
      suggestion: "kubectl scale deployment/x --replicas=2",
      class: "change",
      reasons: ["sets the number of pods to 2"],
      decision: "rejected",
      command: null,
    });
    const { records, broken } = await readAudit(file);
    expect(broken).toBe(0);
    expect(records.map(({ event }) => event)).toEqual(["question", "decision"]);
    expect(records[0]).toMatchObject({ ...about, user: expect.any(String) });
    expect(Date.parse(records[0]?.time ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("loses nothing when two processes write at once (FR-070)", async () => {
    const each = 30;
    const writer = join(__dirname, "audit-writer.cjs");
    const writers = ["a", "b", "c"].map(
      (name) =>
        new Promise<number | null>((resolve) => {
          fork(writer, [file, name, String(each)]).once("exit", resolve);
        }),
    );
    expect(await Promise.all(writers)).toEqual([0, 0, 0]);
    const { records, broken } = await readAudit(file);
    expect(broken).toBe(0);
    const written = records.map((record) => record.question).sort();
    const expected = ["a", "b", "c"].flatMap((name) =>
      Array.from({ length: each }, (_, i) => `${name}${i}`),
    );
    expect(written).toEqual(expected.sort());
    expect(new Set(records.map(({ id }) => id)).size).toBe(3 * each);
  }, 60_000);

  it("refuses where the disk is full", async () => {
    if (!existsSync("/dev/full")) return;
    await expect(new AuditTrail("/dev/full").append(question)).rejects.toThrow(UserError);
    await expect(new AuditTrail("/dev/full").append(question)).rejects.toThrow(
      /nothing more is run/,
    );
  });

  it("begins a new line after one that a full disk cut off", async () => {
    const trail = new AuditTrail(file);
    await trail.append(question);
    appendFileSync(file, '{"event":"result","comm');
    await trail.append(question);
    const { records, broken } = await readAudit(file);
    expect(records).toHaveLength(2);
    expect(broken).toBe(1);
  });

  it("stays outside the clone", () => {
    expect(auditFile({ XDG_STATE_HOME: "/state" })).toBe(
      "/state/todo-app-minikube/operations.jsonl",
    );
    expect(auditFile({ OPS_AUDIT_FILE: "/elsewhere" })).toBe("/elsewhere");
    expect(auditFile({})).not.toContain(process.cwd());
  });

  it("is redacted before it is written (FR-069)", async () => {
    const trail = new AuditTrail(file, (entry) => ({ ...entry, question: "[redacted]" }) as Entry);
    await trail.append({ ...question, question: "hunter22" });
    expect(readFileSync(file, "utf8")).not.toContain("hunter22");
  });
});

describe("the history", () => {
  it("tells who asked whom, what was suggested and decided, and how it ended (FR-070, FR-075, story 6.8)", async () => {
    const trail = new AuditTrail(file);
    await trail.append(question);
    await trail.append({
      ...about,
      event: "answer",
      context: [{ command: "kubectl get pods", class: "read", ran: true, exit_code: 0, bytes: 9 }],
      answer: "scale it",
      exit_code: 0,
    });
    const command = "kubectl scale deployment/x --replicas=2";
    const decision_id = await trail.append({
      ...about,
      event: "decision",
      suggestion: command,
      class: "change",
      reasons: [],
      decision: "approved",
      command,
    });
    await trail.append({
      ...about,
      event: "result",
      decision_id,
      command,
      exit_code: 0,
      output: "scaled",
    });
    await trail.append({ ...question, question_id: "q2", stack: "staging", question: "other?" });
    const text = await history({ stack: "dev", limit: 5, json: false, file });
    expect(text).toContain("kubectl-ai 0.0.31 (openai/m)");
    expect(text).toContain("asked      why?");
    expect(text).toContain("looked     kubectl get pods  (exit 0)");
    expect(text).toContain(`suggested  ${command}  (change)`);
    expect(text).toContain("decided    approved");
    expect(text).toContain(`ran        ${command}  (exit 0)`);
    expect(text).not.toContain("other?");
    const json = await history({ stack: "dev", limit: 5, json: true, file });
    expect(
      json
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event),
    ).toEqual(["question", "answer", "decision", "result"]);
  });

  it("says so where there is none", async () => {
    expect(await history({ stack: "dev", limit: 5, json: false, file })).toMatch(
      /nothing is recorded/,
    );
  });
});
