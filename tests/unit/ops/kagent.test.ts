import { join } from "node:path";
import type { RunResult } from "../../../common/run";
import { findGordon } from "../../../ops/assistants/gordon";
import { findKagent } from "../../../ops/assistants/kagent";
import { Redactor } from "../../../ops/redact";
import { folderWith } from "../support/folder";
import { deskFor, FakeRunner } from "./support";

type Answer = readonly [RegExp, Partial<RunResult>];
const VERSION: Answer = [/^kagent version/, { stdout: "kagent version: v0.7.4-rc.1\n" }];
const ACCOUNTS: Answer = [/ get serviceaccounts /, { stdout: " a  b\n" }];
const REFUSED: Answer = [/ auth can-i /, { code: 1, stdout: "no\n" }];
const DEFAULTS = [VERSION, ACCOUNTS, REFUSED];
const saying = (result: Partial<RunResult>): Answer => [/^kagent invoke/, result];
const text = (...parts: string[]) => ({
  parts: parts.map((part) => ({ kind: "text", text: part })),
});

/** What kagent makes of a question, with these programs and this environment. */
async function asked(answers: readonly Answer[], env: NodeJS.ProcessEnv = {}) {
  const runner = new FakeRunner([...answers, ...DEFAULTS]);
  const redactor = new Redactor(["xyzzy-plugh"]);
  const desk = deskFor(join(folderWith({}), "a.jsonl"), runner, [], redactor);
  const assistant = await findKagent(env, runner.run);
  if (!assistant) throw new Error("it isn't there");
  const answer = assistant.ask(desk, "why xyzzy-plugh?");
  return { assistant, runner, ended: await answer.catch((error: Error) => error) };
}
const answerOf = async (value: unknown) =>
  (await asked([saying({ stdout: JSON.stringify(value) })])).ended;

describe("kagent", () => {
  test("is known by its version, its agent and its namespace", async () => {
    const { assistant } = await asked([]);
    expect(assistant).toMatchObject({
      ...{ name: "kagent", version: "0.7.4-rc.1", model: "agent kagent/k8s-agent" },
    });
    const own = await asked([], { KAGENT_AGENT: "mine", KAGENT_NAMESPACE: "tools" });
    expect(own.assistant.model).toBe("agent tools/mine");
    expect(own.runner.lines).toContainEqual(expect.stringMatching(/--namespace tools --output/));
    const old = await asked([[/^kagent version/, { stderr: "dev build" }]]);
    expect(old.assistant.version).toBe("unknown");
  });

  test("has its accounts asked for by the engineer, on the stack's cluster and in its own namespace", async () => {
    const { runner } = await asked([saying({ stdout: "fine" })]);
    expect(runner.lines).toContain(
      "kubectl --context minikube --namespace todo-app get serviceaccounts --namespace kagent --output jsonpath={.items[*].metadata.name}",
    );
  });

  test("isn't there where its command fails", async () => {
    expect(await findKagent({}, new FakeRunner().run)).toBeUndefined();
  });

  test("is asked once, within five minutes, without secrets, and told to change nothing", async () => {
    const { runner } = await asked([saying({ stdout: "fine" })]);
    const call = runner.calls.find(({ line }) => line.startsWith("kagent invoke"));
    expect(call?.line).toMatch(
      /^kagent invoke --agent k8s-agent --namespace kagent --task Look at namespace todo-app only\. Change nothing/,
    );
    expect(call?.line).toContain("why [redacted]?");
    expect(call?.options.timeoutMs).toBe(300_000);
  });

  test("is refused where one of its accounts alone may do more, each being asked for itself", async () => {
    const wide: Answer = [
      / auth can-i .* --as system:serviceaccount:kagent:b$/,
      { stdout: "yes\n" },
    ];
    const { ended, runner } = await asked([wide]);
    expect(ended).toMatchObject({ what: "system:serviceaccount:kagent:b may do more than look" });
    expect(runner.lines).toContainEqual(
      "kubectl --context minikube --namespace todo-app auth can-i get secrets --as system:serviceaccount:kagent:a",
    );
    expect(runner.lines.some((line) => line.startsWith("kagent invoke"))).toBe(false);
  });

  test.each([
    [{ code: 1, stderr: "Forbidden\n", stdout: "a" }, "Forbidden"],
    [{ stdout: "" }, "there are no accounts in namespace kagent"],
  ])("is refused where its accounts aren't known: %j", async (result, why) => {
    expect((await asked([[/ get serviceaccounts /, result]])).ended).toMatchObject({
      what: "kagent can't be used",
      why: `what its agents may do can't be told: ${why}`,
    });
  });

  test.each([
    ["artifacts", { artifacts: [text("One."), text("", "Two.")], ...text("three") }, "One.\nTwo."],
    ["its status", { artifacts: [{}], status: { message: text("done") }, ...text("x") }, "done"],
    ["a message", text("hello", "there"), "hello\nthere"],
  ])("answers by %s", async (_, value, expected) => {
    expect(await answerOf(value)).toMatchObject({ text: expected, looks: [], suggestions: [] });
  });

  test("answers by plain words, without secrets and control characters", async () => {
    const { ended } = await asked([saying({ code: 2, stdout: " all\u001b[2J xyzzy-plugh \n" })]);
    expect(ended).toMatchObject({ text: "all [redacted]", exitCode: 2 });
  });

  test.each([
    [{ stdout: '{"half', stderr: "broken off\n" }, "broken off"],
    [{ stdout: "{}", stderr: "" }, "it ended with exit code 0"],
    [{ stdout: "", code: 124 }, "it ended with exit code 124"],
    [{ stdout: '{"parts":[{"kind":"data"}]}' }, "it ended with exit code 0"],
  ])("without an answer tells why: %j", async (result, why) => {
    expect((await asked([saying(result)])).ended).toMatchObject({
      ...{ what: "kagent gave no answer", why },
    });
  });
});

describe("Gordon", () => {
  const GORDON: Answer = [/^docker ai version/, { stdout: "v1.9.11\n" }];

  /** What Gordon is asked with a question, and what comes of it. */
  async function gordon(question: string, result: Partial<RunResult>) {
    const runner = new FakeRunner([GORDON, [/^docker ai --working-dir/, result]]);
    const desk = deskFor(
      join(folderWith({}), "a.jsonl"),
      runner,
      [],
      new Redactor(["xyzzy-plugh"]),
    );
    const assistant = await findGordon({}, runner.run);
    const ended = await assistant?.ask(desk, question).catch((error: Error) => error);
    return { assistant, ended, call: runner.calls.at(-1) };
  }

  test("is a part of Docker Desktop: not there without its version", async () => {
    expect(await findGordon({}, new FakeRunner().run)).toBeUndefined();
    const help = new FakeRunner([[/^docker ai version/, { stdout: "Usage: docker\n" }]]);
    expect(await findGordon({}, help.run)).toBeUndefined();
    const failing = new FakeRunner([[/^docker ai version/, { code: 1, stdout: "v1.9.11\n" }]]);
    expect(await findGordon({}, failing.run)).toBeUndefined();
  });

  test.each([
    ["the back-end is big", "Dockerfile.backend in"],
    ["the FRONT END is big", "Dockerfile.frontend in"],
    ["backend or frontend?", "Dockerfile.backend and Dockerfile.frontend in"],
    ["images are big", "Dockerfile.backend and Dockerfile.frontend in"],
  ])("is given the files that %j is about: %s this folder", async (question, files) => {
    const { call } = await gordon(question, { stdout: "fine" });
    expect(call?.line).toContain(`The files are ${files} this folder`);
    expect(call?.options).toMatchObject({
      ...{ timeoutMs: 300_000, env: { TERM: "dumb", NO_COLOR: "1", PATH: "/bin" } },
    });
  });

  test("answers without control characters and secrets", async () => {
    const { ended, assistant } = await gordon("xyzzy-plugh?", {
      stdout: " a\u001b[2J xyzzy-plugh\n",
    });
    expect(ended).toEqual({ text: "a [redacted]", exitCode: 0, looks: [], suggestions: [] });
    expect(assistant).toMatchObject({ name: "gordon", version: "1.9.11", model: "Docker's" });
  });

  test.each([
    [{ code: 1, stdout: "half", stderr: "not signed in\n" }, "not signed in"],
    [{ stdout: " \n" }, "it ended with exit code 0"],
    [{ code: 124 }, "it ended with exit code 124"],
  ])("without an answer tells why: %j", async (result, why) => {
    expect((await gordon("a", result)).ended).toMatchObject({ what: "Gordon gave no answer", why });
  });
});
