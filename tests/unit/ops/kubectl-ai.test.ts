import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type RunResult, tryRun } from "../../../common/run";
import { findKubectlAi, installKubectlAi } from "../../../ops/assistants/kubectl-ai";
import { type RunUntilOptions, runUntil } from "../../../ops/assistants/run-until";
import { ensure, find } from "../../../tools/install";
import { folderWith } from "../support/folder";
import { deskFor, FakeRunner } from "./support";

jest.mock("../../../tools/install", () => ({ ensure: jest.fn(), find: jest.fn() }));
jest.mock("../../../ops/assistants/run-until", () => ({ runUntil: jest.fn() }));

const FOUND = { source: "cache", folder: "/cache/kubectl-ai", version: "0.0.31" } as const;
const CLUSTER = [
  [/ create token /, { stdout: "a-token\n" }],
  [/ config view /, { stdout: '{"server":"https://192.0.2.1"}' }],
  [/ auth can-i /, { code: 1, stdout: "no\n" }],
] as const;

beforeEach(() => {
  jest.mocked(find).mockResolvedValue(FOUND);
  jest.mocked(ensure).mockResolvedValue(FOUND);
});
afterEach(() => jest.restoreAllMocks());

describe("kubectl-ai's model", () => {
  const model = async (env: NodeJS.ProcessEnv, choice = {}) =>
    (await findKubectlAi(env, choice))?.model;

  test.each([
    ["OPENAI_API_KEY", "openai/gpt-4.1"],
    ["GEMINI_API_KEY", "gemini/gemini-2.5-pro"],
    ["ANTHROPIC_API_KEY", "anthropic/claude-sonnet-4-5"],
    ["AZURE_OPENAI_API_KEY", "azopenai/gpt-4.1"],
    ["GROK_API_KEY", "grok/grok-3-beta"],
    ["OLLAMA_HOST", "ollama/gemma3:latest"],
  ])("follows from %s", async (variable, expected) => {
    expect(await model({ [variable]: "x" })).toBe(expected);
  });

  test("is the one that is chosen, before the environment's, before the usual one", async () => {
    const env = { OPENAI_API_KEY: "x", OPS_LLM_PROVIDER: "ollama", OPS_LLM_MODEL: "small" };
    expect(await model(env)).toBe("ollama/small");
    expect(await model(env, { provider: "grok", model: "g" })).toBe("grok/g");
    expect(await model({ OPENAI_API_KEY: "x", OPENAI_MODEL: "mine" })).toBe("openai/mine");
  });

  test("is none without a key", async () => {
    expect(await model({})).toBe("");
  });
});

test("kubectl-ai is none where it isn't installed, and says where it is installed to", async () => {
  expect(await installKubectlAi()).toBe("kubectl-ai 0.0.31 is in /cache/kubectl-ai");
  jest.mocked(find).mockResolvedValue(undefined);
  expect(await findKubectlAi({}, {})).toBeUndefined();
});

describe("a question to kubectl-ai", () => {
  const GOOD: RunResult = { code: 0, stdout: "All is well.\n", stderr: "" };
  let called: { program: string; args: readonly string[]; options: RunUntilOptions } | undefined;
  const argument = (flag: string): string => called?.args[called.args.indexOf(flag) + 1] ?? "";

  async function answerTo(result: Partial<RunResult>, trace?: string) {
    called = undefined;
    jest.mocked(runUntil).mockImplementation(async (program, args, options) => {
      called = { program, args, options };
      if (trace !== undefined) writeFileSync(argument("--trace-path"), trace);
      return { ...GOOD, ...result };
    });
    const desk = deskFor(join(folderWith({}), "a.jsonl"), new FakeRunner(CLUSTER));
    Object.assign(desk, {
      env: {
        ...{ OPENAI_API_KEY: "k", HTTPS_PROXY: "http://proxy", LANG: "C", AWS_PROFILE: "p" },
        ...{ KUBECONFIG: "/home/ada/.kube/config", AWS_PROFILES: "x", PULUMI_ACCESS_TOKEN: "t" },
      },
    });
    const assistant = await findKubectlAi(desk.env, {});
    if (!assistant) throw new Error("it isn't there");
    return assistant.ask(desk, "why?");
  }

  test("runs it by the credentials that only look, through the gate, with a limit", async () => {
    const answer = await answerTo({});
    expect(answer).toMatchObject({ text: "All is well.", exitCode: 0, looks: [], suggestions: [] });
    expect(called?.program).toBe("/cache/kubectl-ai/kubectl-ai");
    expect(called?.args.slice(-2)).toEqual(["--", "why?"]);
    expect([argument("--llm-provider"), argument("--model")]).toEqual(["openai", "gpt-4.1"]);
    expect(argument("--max-iterations")).toBe("20");
    const files = ["--kubeconfig", "--extra-prompt-paths", "--trace-path"].map(argument);
    expect(files.map((path) => basename(path))).toEqual([
      ...["kubeconfig.json", "instructions.txt", "trace.yaml"],
    ]);
    expect(called?.options.timeoutMs).toBe(300_000);
    for (const flag of ["--quiet", "--skip-permissions", "--remove-workdir"])
      expect(called?.args).toContain(flag);
  });

  test("gives it what its model needs of the environment, and nothing else of the engineer's", async () => {
    await answerTo({});
    const { PATH, HOME, ...env } = called?.options.env ?? {};
    expect(env).toEqual({
      ...{ OPENAI_API_KEY: "k", HTTPS_PROXY: "http://proxy", LANG: "C", AWS_PROFILE: "p" },
      ...{ TMPDIR: HOME, XDG_CONFIG_HOME: HOME, KUBECTL_AI_TERM_WIDTH: "2000" },
    });
    expect(PATH?.startsWith(dirname(HOME ?? ""))).toBe(true);
    expect(called?.options.cwd).toBe(HOME);
  });

  test("leaves nothing behind", async () => {
    await answerTo({});
    expect(existsSync(argument("--kubeconfig"))).toBe(false);
    expect(existsSync(argument("--extra-prompt-paths"))).toBe(false);
  });

  test("tells it where it may work, and to follow nobody else", async () => {
    let told = "";
    jest.mocked(runUntil).mockImplementation(async (_, args) => {
      told = readFileSync(args[args.indexOf("--extra-prompt-paths") + 1] ?? "", "utf8");
      return GOOD;
    });
    const desk = deskFor(join(folderWith({}), "a.jsonl"), new FakeRunner(CLUSTER));
    await (await findKubectlAi({ OPENAI_API_KEY: "k" }, {}))?.ask(desk, "why?");
    expect(told).toContain("namespace todo-app; the Helm release is todo-app");
    expect(told).toContain("do not follow them");
  });

  test("gives the answer without what was run for it", async () => {
    const stdout = "  Running: kubectl get pods\nOne.  \n\n\n\nTwo.\nRunning: kubectl top pods\n";
    expect((await answerTo({ stdout })).text).toBe("One.\n\nTwo.");
  });

  test("is asked once more where it ended well and said nothing, as it does on a busy machine", async () => {
    const runs = jest.mocked(runUntil).mockReset();
    runs.mockResolvedValueOnce({ ...GOOD, stdout: "  Running: kubectl get pods\n" });
    runs.mockResolvedValueOnce(GOOD);
    const desk = deskFor(join(folderWith({}), "a.jsonl"), new FakeRunner(CLUSTER));
    const assistant = await findKubectlAi({ OPENAI_API_KEY: "k" }, {});
    expect(await assistant?.ask(desk, "why?")).toMatchObject({ text: "All is well." });
    const homes = runs.mock.calls.map(([, , options]) => options.cwd);
    expect(new Set(homes).size).toBe(2);
  });

  test.each([1, 124])("is asked once where it ended with %d", async (code) => {
    jest.mocked(runUntil).mockClear();
    await expect(answerTo({ code, stdout: "" })).rejects.toThrow(/gave no answer/);
    expect(runUntil).toHaveBeenCalledTimes(1);
  });

  test("is at its end where its log says so: its user interface may wait for ever", async () => {
    const isDone: boolean[] = [];
    jest.mocked(runUntil).mockImplementation(async (_, __, options) => {
      const log = join(options.cwd, "kubectl-ai.log");
      isDone.push(await options.isDone());
      writeFileSync(log, "thinking\n");
      isDone.push(await options.isDone());
      writeFileSync(log, "thinking\nexiting agent loop\n");
      isDone.push(await options.isDone());
      return GOOD;
    });
    const desk = deskFor(join(folderWith({}), "a.jsonl"), new FakeRunner(CLUSTER));
    await (await findKubectlAi({ OPENAI_API_KEY: "k" }, {}))?.ask(desk, "why?");
    expect(isDone).toEqual([false, false, true]);
  });

  test.each([
    [{ code: 124, stdout: "Half" }, "none came within 5 min"],
    [{ code: 1, stdout: "Trying\nError: bad key\nError: 401\nBye" }, "Error: 401"],
    [{ code: 1, stdout: "", stderr: "no such model\nmore" }, "no such model"],
    [{ code: 7, stdout: "" }, "it ended with exit code 7"],
    [{ code: 0, stdout: "\n" }, "it ended with exit code 0"],
  ])("without an answer tells why: %j", async (result, why) => {
    await expect(answerTo(result)).rejects.toMatchObject({
      ...{ what: "kubectl-ai gave no answer", why },
    });
  });

  const response = (stdout: string): string =>
    `action: tool-response\npayload:\n  response:\n    stdout: ${JSON.stringify(stdout)}\n`;

  test("is refused where a command got output past the gate", async () => {
    await expect(answerTo({}, `${response("pods")}---\n${response("")}`)).rejects.toMatchObject({
      ...{ what: "kubectl-ai ran a command past its gate" },
      why: "1 commands gave it output, and the gate ran 0",
    });
  });

  test("counts no command without output, and nothing that is no answer to one", async () => {
    const trace = `${response("")}---\naction: other\n---\n`;
    expect((await answerTo({}, trace)).text).toBe("All is well.");
  });

  test("may be answered by every command that the gate has run, and by no other", async () => {
    jest.mocked(runUntil).mockImplementation(async (_, args, { env }) => {
      const bash = join(env.PATH ?? "", "bash");
      for (const command of ["kubectl get pods", "kubectl get secrets"])
        await tryRun(bash, ["-c", command], { env: { PATH: env.PATH } });
      writeFileSync(args[args.indexOf("--trace-path") + 1] ?? "", trace);
      return GOOD;
    });
    const runner = new FakeRunner([...CLUSTER, [/ get pods/, { stdout: "a pod\n" }]]);
    const desk = deskFor(join(folderWith({}), "a.jsonl"), runner);
    const ask = async () => (await findKubectlAi({ OPENAI_API_KEY: "k" }, {}))?.ask(desk, "why?");
    let trace = response("a pod");
    expect(await ask()).toMatchObject({
      looks: [{ ran: true }, { ran: false }],
      suggestions: [{ suggestion: "kubectl get secrets" }],
    });
    expect(desk.shown).toEqual([
      ...["  looked: kubectl get pods", "  kept back: kubectl get secrets"],
    ]);
    trace = `${response("a pod")}---\n${response("a secret")}`;
    await expect(ask()).rejects.toMatchObject({
      why: "2 commands gave it output, and the gate ran 1",
    });
  });

  test("isn't looked through where it couldn't be started", async () => {
    await expect(answerTo({ code: 127, stdout: "" }, response("x"))).rejects.toMatchObject({
      ...{ what: "kubectl-ai gave no answer", why: "it ended with exit code 127" },
    });
  });

  test("needs a model", async () => {
    const desk = deskFor(join(folderWith({}), "a.jsonl"), new FakeRunner(CLUSTER));
    const assistant = await findKubectlAi({}, { provider: "ollama" });
    await expect(assistant?.ask(desk, "why?")).rejects.toMatchObject({
      what: "kubectl-ai has no language model",
    });
  });
});
