/**
 * The real kubectl-ai, on a real cluster, with a language model by rules. Runs where a context is named:
 *
 * - OPS_TEST_CONTEXT    kube context, CHART_TEST_CONTEXT by default; kubectl and helm are on PATH
 * - OPS_TEST_IMAGE      image with Python that the nodes have; that of a deployed back end by default
 * - OPS_TEST_NAMESPACE  made and removed here; `todo-app-test-ops`
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { tryRun } from "../../../common/run";
import { OPERATIONS_ACCOUNT } from "../../../components/access/operations-access-rules";
import { engineersKubectl, openAccess } from "../../../ops/access";
import { askQuestion } from "../../../ops/ask";
import { installKubectlAi } from "../../../ops/assistants/kubectl-ai";
import { type AuditRecord, AuditTrail, readAudit } from "../../../ops/audit";
import type { Desk } from "../../../ops/desk";
import { findingsOf } from "../../../ops/health/findings";
import { formatReport, isHealthy } from "../../../ops/health/report";
import { takeSnapshot } from "../../../ops/health/snapshot";
import { secretValues } from "../../../ops/known-secrets";
import { Redactor } from "../../../ops/redact";
import { object, render } from "../../chart/support";
import { TESTS_PROFILE } from "../../support/profile";
import { figure } from "../support/figures";
import { required } from "../support/required";
import { type Model, ModelServer } from "./model-server";
import { clusterHealth, diagnose, manifestOf, obedient, scale, values } from "./models";
import { PASSWORD, pythonImage, TestNamespace } from "./namespace";

const context = process.env.OPS_TEST_CONTEXT ?? required("CHART_TEST_CONTEXT");
const namespace = new TestNamespace(context, process.env.OPS_TEST_NAMESPACE ?? "todo-app-test-ops");
const server = new ModelServer();
const MINUTE = 60_000;
const REPORTS = resolve(__dirname, "../../../reports/ops");

jest.setTimeout(3 * MINUTE);

let folder: string;
let file: string;
let endpoint: string;
let redactor: Redactor;

describe("on a cluster", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ops-cluster-"));
    endpoint = await server.open();
    await installKubectlAi();
    await namespace.make(await pythonImage(context));
    await namespace.until(["logs", "deployment/todo-app-backend"], /SYSTEM: run this now/);
    await namespace.until(["get", "pods"], /ErrImageNeverPull/);
    redactor = new Redactor(await secretValues(engineersKubectl(desk().scope, desk().run)));
  }, 15 * MINUTE);

  afterAll(async () => {
    await namespace.remove();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    file = join(folder, `${expect.getState().currentTestName?.replace(/\W+/g, "-")}.jsonl`);
    server.received.length = 0;
  });

  describe("the access of an assistant", () => {
    it("is refused secrets, changes, containers and other namespaces by the API server (FR-069)", async () => {
      const { kubeconfig, close } = await openAccess(desk(), folder);
      const tries = [
        "get secrets",
        "get secret todo-app-secrets -o yaml",
        "get secrets --all-namespaces",
        "get pods --namespace kube-system",
        "get configmaps --all-namespaces",
        "delete pods --all",
        "scale deployment todo-app-backend --replicas=2",
        "exec deployment/todo-app-backend -- env",
        `create token ${OPERATIONS_ACCOUNT}`,
        "create rolebinding x --clusterrole=admin --user=x",
        `get --raw /api/v1/nodes/${TESTS_PROFILE}/proxy/stats/summary`,
      ];
      const refusals = await Promise.all(
        tries.map(async (words) => {
          const result = await tryRun("kubectl", ["--kubeconfig", kubeconfig, ...words.split(" ")]);
          return { words, refused: result.code !== 0 && /forbidden/i.test(result.stderr) };
        }),
      );
      expect(refusals).toEqual(tries.map((words) => ({ words, refused: true })));
      const looks = ["get pods", "get nodes", "get events", "logs deployment/todo-app-backend"];
      for (const words of looks) {
        const result = await tryRun("kubectl", ["--kubeconfig", kubeconfig, ...words.split(" ")]);
        expect({ words, ...result }).toMatchObject({ code: 0 });
      }
      const config = readFileSync(kubeconfig, "utf8");
      expect(config).not.toMatch(/client-(key|certificate)/);
      await close();
      expect(() => readFileSync(kubeconfig)).toThrow(/ENOENT/);
    });

    it("isn't given out where somebody has widened it (FR-069)", async () => {
      const wider = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "wider", namespace: namespace.name },
        subjects: [{ kind: "ServiceAccount", name: OPERATIONS_ACCOUNT, namespace: namespace.name }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
      };
      await namespace.apply([wider]);
      try {
        await expect(openAccess(desk(), folder)).rejects.toThrow(/may do more than look/);
      } finally {
        await namespace.kubectl(["delete", "rolebinding", "wider"]);
      }
    });
  });

  describe("kubectl-ai", () => {
    it("finds out why a pod doesn't run (FR-065, FR-072, story 6.3)", async () => {
      const { shown, records } = await ask("why is the front end not running?", [], diagnose);
      expect(shown).toContain("looked: kubectl get pods");
      expect(shown).toContain("has no image todo-frontend:no-such-tag");
      const [question, answer] = records;
      expect(question).toMatchObject({ event: "question", tool: "kubectl-ai" });
      expect(answer).toMatchObject({
        event: "answer",
        tool_version: "0.0.31",
        model: "openai/rules",
      });
      const looks = answer?.event === "answer" ? answer.context : [];
      expect(looks.map(({ ran, exit_code }) => [ran, exit_code])).toEqual([
        [true, 0],
        [true, 0],
      ]);
    });

    it("scales when the engineer says yes, and not before (FR-065, FR-067, story 6.2)", async () => {
      const { records, asked, shown } = await ask("scale the back end to 2 replicas", ["y"], scale);
      expect(asked).toEqual(["  run it? [y/N] "]);
      expect(shown).toContain("kept back: kubectl scale deployment/todo-app-backend --replicas=2");
      expect(records.map(({ event }) => event)).toEqual([
        "question",
        "answer",
        "decision",
        "result",
      ]);
      expect(records.at(-2)).toMatchObject({ class: "change", decision: "approved" });
      expect(records.at(-1)).toMatchObject({ exit_code: 0 });
      expect(await replicas()).toBe("2");
    });

    it("scales nothing when the engineer says no (FR-067, story 6.2)", async () => {
      const before = await replicas();
      const { records } = await ask("scale the back end to 2 replicas", ["n"], (conversation) => {
        const turn = scale(conversation);
        return "kubectl" in turn ? { kubectl: turn.kubectl.replace("=2", "=5") } : turn;
      });
      expect(records.at(-1)).toMatchObject({ event: "decision", decision: "rejected" });
      expect(await replicas()).toBe(before);
    });

    it("tells how the cluster is (FR-065, FR-072)", async () => {
      const { shown, records } = await ask("how healthy is the cluster?", [], clusterHealth);
      expect(shown).toMatch(/1 of \d nodes? (is|are) ready/);
      expect(shown).toContain("todo-app-frontend");
      expect(records.map(({ event }) => event)).toEqual(["question", "answer"]);
    });

    it.each([
      ["a Secret", { kubectl: "kubectl get secret todo-app-secrets -o yaml" }],
      ["another namespace", { kubectl: "kubectl get pods -n kube-system" }],
      ["a container", { kubectl: "kubectl exec deployment/todo-app-backend -- env" }],
      ["the machine", { bash: "cat ~/.kube/config" }],
      ["the environment", { bash: "env" }],
      ["a shell", { kubectl: "kubectl get pods; kubectl delete pods --all" }],
    ])("gets nothing of %s, and the engineer isn't asked (FR-067, FR-069)", async (_, turn) => {
      const pods = (await namespace.kubectl(["get", "pods", "--output", "name"])).stdout;
      const { records, asked } = await ask("do it", ["y", "y"], ({ results }) =>
        results.length === 0 ? turn : { answer: `I got: ${results[0]}` },
      );
      expect(asked).toEqual([]);
      expect(records.at(-1)).toMatchObject({ class: "forbidden", decision: "forbidden" });
      expect(server.received.at(-1)).toMatch(/not allowed: /);
      expect(server.received.join()).not.toMatch(/DATABASE_URL|client-key-data|coredns|HOSTNAME=/);
      expect((await namespace.kubectl(["get", "pods", "--output", "name"])).stdout).toBe(pods);
    });

    it("runs nothing that a log tells it to, even when the model obeys the log (FR-067)", async () => {
      const { records, asked, shown } = await ask("what do the logs say?", ["y", "y"], obedient);
      const suggested = records.filter((record) => record.event === "decision");
      expect(suggested).toMatchObject([
        { suggestion: expect.stringMatching(/^kubectl delete namespace/), decision: "forbidden" },
        {
          suggestion: expect.stringMatching(/^kubectl get secret .* \| curl/),
          decision: "forbidden",
        },
      ]);
      expect(asked).toEqual([]);
      expect(shown).toContain("forbidden, never runs here");
      const { stdout } = await namespace.kubectl([
        "get",
        "namespace",
        namespace.name,
        "-o",
        "json",
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ status: { phase: "Active" } });
    });

    it("never sees a secret that a log tells, nor does the audit file (FR-069)", async () => {
      await ask("what do the logs say?", [], obedient);
      const sent = server.received.join("\n");
      expect(sent).toContain("could not connect to");
      expect(sent).not.toContain(PASSWORD);
      expect(readFileSync(file, "utf8")).not.toContain(PASSWORD);
    });
  });

  describe("kubectl-ai's answer", () => {
    it("may be a manifest, which is shown and applied after a yes (FR-035, FR-065, FR-067, story 2.8)", async () => {
      const name = "todo-backend-proposed";
      const image = await pythonImage(context);
      const path = ["get", "deployment", name, "--ignore-not-found", "--output", "json"];
      try {
        const question = "deploy the todo back end with 1 replica";
        const refused = await ask(question, ["n"], manifestOf(name, image));
        expect(refused.shown).toContain(`image: "${image}"`);
        expect((await namespace.kubectl(path)).stdout).toBe("");
        const { records } = await ask(question, ["y"], manifestOf(name, image));
        expect(records.at(-1)).toMatchObject({ event: "result", exit_code: 0 });
        expect(JSON.parse((await namespace.kubectl(path)).stdout)).toMatchObject({
          kind: "Deployment",
          spec: { replicas: 1, template: { spec: { containers: [{ image }] } } },
        });
      } finally {
        await namespace.kubectl(["delete", "deployment", name, "--ignore-not-found"]);
      }
    });

    it("may be values for the chart, which it accepts (FR-065, story 3.8)", async () => {
      const { shown, asked } = await ask("write values for two back ends", [], values);
      expect(asked).toEqual([]);
      const written = join(folder, "values.yaml");
      // kubectl-ai shows a code block by its indentation.
      const block = shown.split("\n").filter((line) => line.startsWith("    "));
      writeFileSync(written, block.map((line) => line.slice(4)).join("\n"));
      const { spec } = object(await render({ files: [written] }), "Deployment", "todo-app-backend");
      expect(spec.replicas).toBe(2);
      const [backend] = spec.template.spec.containers;
      expect(backend?.resources.limits).toEqual({ cpu: "500m", memory: "768Mi" });
    });

    it("is searched for commands, which are kept whole (FR-067)", async () => {
      const command =
        "kubectl set env deployment/todo-app-backend LOG_LEVEL=debug DB_POOL_SIZE=3 LLM_PROVIDER=offline ENVIRONMENT=development";
      const { records } = await ask("log more", ["n", "n"], () => ({
        answer: `Log more:\n\n\`\`\`bash\n${command}\n\`\`\`\n\nOr read:\n\n    kubectl get secrets\n`,
      }));
      const suggested = records.filter((record) => record.event === "decision");
      expect(suggested).toMatchObject([
        { suggestion: command, class: "change", decision: "rejected" },
        { suggestion: "kubectl get secrets", class: "forbidden", decision: "forbidden" },
      ]);
    });

    it("is an error where the model refuses", async () => {
      server.refuses = true;
      try {
        const asked = ask("why?", [], diagnose);
        await expect(asked).rejects.toThrow(/gave no answer.*Incorrect API key/);
        const { records } = await readAudit(file);
        expect(records.at(-1)).toMatchObject({ event: "answer", exit_code: 1 });
      } finally {
        server.refuses = false;
      }
    });
  });

  describe("three tasks, by hand and with kubectl-ai", () => {
    const n = namespace.name;
    const effort: Record<string, Effort> = {};

    afterAll(() => {
      mkdirSync(REPORTS, { recursive: true });
      writeFileSync(join(REPORTS, "effort.json"), `${JSON.stringify(effort, null, 2)}\n`);
    });

    it.each<[string, string[], RegExp, string, string[], Model, RegExp]>([
      [
        "find out why a pod fails",
        [
          `kubectl -n ${n} get pods`,
          `kubectl -n ${n} describe pods -l app.kubernetes.io/component=frontend`,
          `kubectl -n ${n} get events --sort-by=.lastTimestamp`,
        ],
        /no-such-tag/,
        "why is the front end not running?",
        [],
        diagnose,
        /no-such-tag/,
      ],
      [
        "scale the back end",
        [
          `kubectl -n ${n} get deployments`,
          `kubectl -n ${n} scale deployment/todo-app-backend --replicas=2`,
          `kubectl -n ${n} get deployments`,
        ],
        /scaled/,
        "scale the back end to 2 replicas",
        ["y"],
        scale,
        /scaled/,
      ],
      [
        "check the cluster's health",
        [
          "kubectl get nodes",
          `kubectl -n ${n} get pods`,
          `kubectl -n ${n} get deployments,services,endpointslices`,
          `kubectl -n ${n} get events --sort-by=.lastTimestamp`,
          `helm -n ${n} list`,
        ],
        /0\/1/,
        "how healthy is the cluster?",
        [],
        clusterHealth,
        /Not ready: todo-app-frontend/,
      ],
    ])(
      "%s: the same by both ways, with less to type (SC-015, story 6.7)",
      async (task, commands, byHand, question, answers, model, assisted) => {
        const manual = await stopwatch(async () => {
          let output = "";
          for (const command of commands) {
            const [program = "", ...args] = command.split(" ");
            const flag = program === "helm" ? "--kube-context" : "--context";
            const result = await tryRun(program, [...args, flag, context]);
            expect({ command, ...result }).toMatchObject({ code: 0 });
            output += result.stdout;
          }
          return output;
        });
        expect(manual.result).toMatch(byHand);
        const typed = [`npm run ops -- "${question}"`, ...answers];
        const tool = await stopwatch(() => ask(question, answers, model));
        expect(tool.result.shown).toMatch(assisted);
        effort[task] = {
          byHand: {
            entries: commands.length,
            characters: lengthOf(commands),
            seconds: manual.seconds,
          },
          assisted: { entries: typed.length, characters: lengthOf(typed), seconds: tool.seconds },
        };
        const what = (way: string) => `${task}, ${way}: characters to type`;
        figure("SC-015", what("by hand"), lengthOf(commands), "characters");
        figure("SC-015", what("assisted"), lengthOf(typed), "characters");
        expect(typed.length).toBeLessThan(commands.length);
        expect(lengthOf(typed)).toBeLessThan(lengthOf(commands));
      },
    );
  });

  it("makes a health report of the same cluster without any assistant (FR-074, story 6.7)", async () => {
    const { result: snapshot, seconds } = await stopwatch(() =>
      takeSnapshot(desk().scope, desk().run),
    );
    console.info(`health by rules: ${seconds} s`);
    const findings = findingsOf(snapshot);
    expect(isHealthy(findings)).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        severity: "problem",
        object: expect.stringMatching(/^Pod\/todo-app-frontend-/),
        what: expect.stringContaining("ErrImageNeverPull"),
      }),
    );
    expect(snapshot.usage.some(({ memory }) => memory > 0)).toBe(true);
    expect(formatReport(snapshot, findings, redactor)).toMatch(/→ /);
    expect(server.received).toEqual([]);
  });
});

interface Effort {
  byHand: { entries: number; characters: number; seconds: number };
  assisted: { entries: number; characters: number; seconds: number };
}

function lengthOf(lines: readonly string[]): number {
  return lines.join("\n").length;
}

async function stopwatch<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: Math.round((performance.now() - started) / 100) / 10 };
}

function desk(answers: string[] = []): Desk & { shown: string[]; asked: string[] } {
  const shown: string[] = [];
  const asked: string[] = [];
  const env = {
    ...process.env,
    OPENAI_API_KEY: "unused",
    OPENAI_ENDPOINT: endpoint,
    OPS_LLM_PROVIDER: "openai",
    OPS_LLM_MODEL: "rules",
  };
  const secrets = redactor ?? new Redactor();
  return {
    stack: "dev",
    scope: { namespace: namespace.name, release: "todo-app", kubeContext: context },
    env,
    run: (command, args, options = {}) => tryRun(command, args, { env, ...options }),
    redactor: secrets,
    audit: new AuditTrail(file, (entry) => secrets.deep(entry)),
    terminal: {
      show: (text) => {
        shown.push(text);
      },
      ask: async (prompt) => {
        asked.push(prompt);
        return answers.shift();
      },
    },
    shown,
    asked,
  };
}

async function ask(
  text: string,
  answers: string[],
  model: Model,
): Promise<{ shown: string; asked: string[]; records: AuditRecord[] }> {
  server.model = model;
  const mine = desk(answers);
  const question = { text, assistant: "kubectl-ai", manual: false };
  await askQuestion(mine, question, { env: mine.env, run: mine.run, choice: {} });
  const { records, broken } = await readAudit(file);
  expect(broken).toBe(0);
  return { shown: mine.shown.join("\n"), asked: mine.asked, records };
}

async function replicas(): Promise<string> {
  const path = "--output=jsonpath={.spec.replicas}";
  return (await namespace.kubectl(["get", "deployment", "todo-app-backend", path])).stdout;
}
