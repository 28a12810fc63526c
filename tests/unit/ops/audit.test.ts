import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import promises from "node:fs/promises";
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

  it("begins with its first record, and ends each by a line's end", async () => {
    await new AuditTrail(file).append(question);
    expect(readFileSync(file, "utf8")).toMatch(/^\{[^\n]*\}\n$/);
  });

  it("is where it can be read by nobody else, folder and all", async () => {
    await new AuditTrail(file).append(question);
    expect(statSync(join(folder, "deeper")).mode & 0o777).toBe(0o700);
  });

  it("counts a line that was cut short by a full disk as not recorded", async () => {
    const close = jest.fn(async () => undefined);
    jest.spyOn(promises, "open").mockResolvedValue({
      stat: async () => ({ isFile: () => true, size: 0 }),
      write: async (text: Buffer) => ({ bytesWritten: text.length - 1 }),
      ...{ sync: async () => undefined, close },
    } as never);
    await expect(new AuditTrail(file).append(question)).rejects.toMatchObject({
      what: "nothing more is run",
      why: expect.stringMatching(/no space left on device \(\d+ of \d+ bytes written\)$/),
    });
    expect(close).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });

  it("has room for the end of a command, or the command doesn't run", async () => {
    const trail = new AuditTrail(join(folder, "operations.jsonl"));
    const statfs = jest.spyOn(promises, "statfs");
    statfs.mockResolvedValue({ bavail: 1024, bsize: 1024 } as never);
    await expect(trail.requireRoom()).resolves.toBeUndefined();
    expect(statfs).toHaveBeenLastCalledWith(folder);
    statfs.mockResolvedValue({ bavail: 1023, bsize: 1024 } as never);
    await expect(trail.requireRoom()).rejects.toMatchObject({
      why: expect.stringContaining("the disk is full: the command's end could not be recorded"),
    });
    jest.restoreAllMocks();
  });

  it("stays outside the clone", () => {
    expect(auditFile({ XDG_STATE_HOME: "/state" })).toBe(
      "/state/todo-app-minikube/operations.jsonl",
    );
    expect(auditFile({ OPS_AUDIT_FILE: "/elsewhere" })).toBe("/elsewhere");
    expect(auditFile({})).toMatch(/\/\.local\/state\/todo-app-minikube\/operations\.jsonl$/);
    expect(auditFile({ XDG_STATE_HOME: "" })).toBe(auditFile({}));
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
