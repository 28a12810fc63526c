import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askQuestion } from "../../../ops/ask";
import { readAudit } from "../../../ops/audit";
import { deskFor, FakeRunner } from "./support";

const exchange = (name: string) => readFileSync(join(__dirname, "exchanges", name), "utf8");

let folder: string;
let file: string;
let cache: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assistants-test-"));
  file = join(folder, "operations.jsonl");
  // A machine without any assistant, whatever this one has.
  cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder;
});

afterEach(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
  rmSync(folder, { recursive: true, force: true });
});

async function ask(
  runner: FakeRunner,
  text: string,
  answers: (string | undefined)[] = [],
  assistant?: string,
) {
  const desk = deskFor(file, runner, answers);
  const search = { env: desk.env, run: desk.run, choice: {} };
  const code = await askQuestion(desk, { text, assistant, manual: false }, search);
  const { records } = await readAudit(file);
  return { desk, code, records };
}

const KAGENT = [
  [/^kagent version/, { stdout: "kagent version: v0.7.4\n" }],
  [/get serviceaccounts --namespace kagent/, { stdout: "todo-app-reader" }],
  [/auth can-i/, { code: 1, stdout: "no\n" }],
  [/^kagent invoke/, { stdout: `${exchange("kagent-health.json").trim()}\n` }],
  [/set resources/, { stdout: "deployment.apps/todo-app-backend resource requirements updated\n" }],
] as const;

describe("with no assistant installed", () => {
  it.each([
    ["why is the back end not ready?", "kubectl describe pods"],
    ["scale the back end to 3 replicas", "kubectl scale deployment/todo-app-backend --replicas=2"],
    ["is the cluster healthy?", "kubectl get nodes"],
    ["how much memory does the front end need?", "frontendResources.limits.memory"],
    ["make the backend Dockerfile smaller", "docker history"],
    ["roll back to the previous version", "npm run rollback -- --stack dev"],
    ["restart the front end", "kubectl rollout restart deployment/todo-app-frontend"],
    ["show me the logs", "npm run logs"],
    ["create a deployment of nginx", "kubectl create deployment"],
    ["hm", "npm run ops"],
  ])(
    "%j is answered by commands to run by hand (FR-068, FR-074, story 6.7)",
    async (question, expected) => {
      const { desk, code, records } = await ask(new FakeRunner(), question);
      expect(code).toBe(0);
      expect(desk.shown.join("\n")).toContain(expected);
      expect(desk.asked).toEqual([]);
      expect(records).toMatchObject([{ event: "question", tool: "none", question }]);
    },
  );

  it("says what is missing when one is named (FR-074)", async () => {
    await expect(ask(new FakeRunner(), "why?", [], "kubectl-ai")).rejects.toThrow(
      /isn't installed/,
    );
    await expect(ask(new FakeRunner(), "why?", [], "kagent")).rejects.toThrow(/isn't installed/);
    await expect(ask(new FakeRunner(), "why?", [], "gordon")).rejects.toThrow(/isn't installed/);
    await expect(ask(new FakeRunner(), "why?", [], "hal")).rejects.toThrow(/no assistant/);
  });
});

describe("kagent", () => {
  it("is asked about health first, and what it suggests waits for the engineer (FR-066, FR-067, FR-073, story 6.4, story 6.5)", async () => {
    const runner = new FakeRunner(KAGENT);
    const { desk, records, code } = await ask(runner, "how healthy is the cluster?", ["y"]);
    expect(code).toBe(0);
    const invocation = runner.calls.find(({ line }) => line.startsWith("kagent invoke"))?.line;
    expect(invocation).toContain("--agent k8s-agent --namespace kagent --task");
    expect(invocation).toContain("how healthy is the cluster?");
    expect(desk.shown.join("\n")).toContain("2 of 2 pods are ready");
    expect(records.map(({ event }) => event)).toEqual(["question", "answer", "decision", "result"]);
    expect(records[0]).toMatchObject({ tool: "kagent", tool_version: "0.7.4" });
    expect(records[2]).toMatchObject({ class: "change", decision: "approved" });
    expect(runner.lines.at(-1)).toBe(
      "kubectl set resources deployment/todo-app-backend --limits=memory=384Mi --context=minikube --namespace=todo-app",
    );
    expect(readFileSync(file, "utf8")).not.toContain("hunter22pw");
  });

  it("assesses the cluster after a rollback (story 5.6)", async () => {
    const runner = new FakeRunner(KAGENT);
    const { desk, records } = await ask(runner, "how is the cluster after the rollback?", ["n"]);
    const shown = desk.shown.join("\n");
    expect(shown).toContain("2 of 2 pods are ready, 0 restarts");
    expect(shown).toContain("uses 136Mi of its 512Mi limit");
    expect(records[0]).toMatchObject({ event: "question", tool: "kagent" });
    expect(runner.lines.filter((line) => line.includes("set resources"))).toEqual([]);
  });

  it("takes commands from its answer only, not from what was said to it", async () => {
    const { records } = await ask(new FakeRunner(KAGENT), "how healthy is the cluster?", ["n"]);
    expect(JSON.stringify(records)).not.toContain("delete namespace");
  });

  it("isn't asked while one of its accounts may read secrets (FR-069)", async () => {
    const wide = KAGENT.map(([pattern, result]) =>
      pattern.source.includes("can-i")
        ? ([pattern, { stdout: "yes\n" }] as const)
        : ([pattern, result] as const),
    );
    const runner = new FakeRunner(wide);
    await expect(ask(runner, "how healthy is the cluster?")).rejects.toThrow(
      /may do more than look/,
    );
    expect(runner.lines.some((line) => line.startsWith("kagent invoke"))).toBe(false);
    expect(runner.lines).toContainEqual(
      expect.stringContaining("--as system:serviceaccount:kagent:todo-app-reader"),
    );
  });

  it("tells what its command says when there is no answer, though that ends with 0", async () => {
    const silent = KAGENT.map(([pattern, result]) =>
      pattern.source.includes("invoke")
        ? ([pattern, { stderr: "Error invoking session: agent not found\n" }] as const)
        : ([pattern, result] as const),
    );
    await expect(ask(new FakeRunner(silent), "how healthy is the cluster?")).rejects.toThrow(
      /agent not found/,
    );
    const { records } = await readAudit(file);
    expect(records.at(-1)).toMatchObject({ event: "answer", exit_code: 1 });
  });
});

describe("Gordon", () => {
  const GORDON = [
    [/^docker ai version/, { stdout: "v1.9.11\n" }],
    [/^docker ai --working-dir/, { stdout: exchange("gordon-dockerfile.txt") }],
    [/^docker build --check/, { stdout: "Check complete, no warnings found.\n" }],
  ] as const;
  const question = "optimize the backend Dockerfile";

  it("is never chosen by itself, as nothing here holds it", async () => {
    const { desk, records } = await ask(new FakeRunner(GORDON), question);
    expect(records).toMatchObject([{ tool: "none" }]);
    expect(desk.shown.join("\n")).toContain("by hand");
  });

  it("gets a copy of the Dockerfile when it is named, and its suggestions are reviewed (FR-012, FR-064, FR-067, FR-071, story 1.7, story 6.1)", async () => {
    const runner = new FakeRunner(GORDON);
    const { records, desk } = await ask(runner, question, ["y", "n", "no"], "gordon");
    const call = runner.calls.find(({ line }) => line.startsWith("docker ai --working-dir"));
    expect(call?.line).toContain("Dockerfile.backend");
    expect(call?.line).not.toContain("Dockerfile.frontend");
    expect(call?.options.input).toBeUndefined();
    const decided = records.filter((record) => record.event === "decision");
    expect(decided.map((record) => [record.suggestion, record.class, record.decision])).toEqual([
      ["docker build --check apps/backend", "read", "approved"],
      ["docker build -t todo-backend:try apps/backend", "change", "rejected"],
      ["docker builder prune", "destructive", "rejected"],
      ["docker exec web env", "forbidden", "forbidden"],
    ]);
    expect(desk.asked).toHaveLength(3);
    expect(runner.lines.filter((line) => line.startsWith("docker build"))).toEqual([
      "docker build --check apps/backend",
    ]);
  });
});
