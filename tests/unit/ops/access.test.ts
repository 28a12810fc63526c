import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "../../../common/run";
import { openAccess, requireNarrow } from "../../../ops/access";
import { folderWith } from "../support/folder";
import { FakeRunner } from "./support";

const SCOPE = { namespace: "shop", release: "shop-app", kubeContext: "far" };
const CLUSTER = { server: "https://192.0.2.1:6443", "certificate-authority-data": "Y2E=" };
const TOKEN = [/ create token /, { stdout: "a-token\n" }] as const;
const CONFIG = [/ config view /, { stdout: JSON.stringify(CLUSTER) }] as const;
const REFUSED = [/ auth can-i /, { code: 1, stdout: "no\n" }] as const;

type Answer = readonly [RegExp, Partial<RunResult>];
const open = (folder: string, answers: readonly Answer[]) => {
  const runner = new FakeRunner(answers);
  const opened = openAccess({ stack: "live", scope: SCOPE, run: runner.run }, folder);
  return { runner, opened };
};

describe("an assistant's way into the cluster", () => {
  test("is a token of ten minutes for an account that can only look, and nothing of the engineer's", async () => {
    const folder = folderWith({});
    const { runner, opened } = open(folder, [TOKEN, CONFIG, REFUSED]);
    const { kubeconfig } = await opened;
    expect(runner.lines[0]).toBe(
      "kubectl --context far --namespace shop create token todo-app-operations --duration 10m",
    );
    expect(runner.lines[1]).toBe(
      "kubectl --context far --namespace shop config view --minify --flatten --raw --output jsonpath={.clusters[0].cluster}",
    );
    expect(JSON.parse(readFileSync(kubeconfig, "utf8"))).toEqual({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "operations" },
      clusters: [{ name: "cluster", cluster: CLUSTER }],
      users: [{ name: "todo-app-operations", user: { token: "a-token" } }],
      contexts: [
        {
          name: "operations",
          context: { cluster: "cluster", user: "todo-app-operations", namespace: "shop" },
        },
      ],
    });
    // A token is nobody else's to read.
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
  });

  test("is tried with those credentials, not with the engineer's", async () => {
    const folder = folderWith({});
    const { runner, opened } = open(folder, [TOKEN, CONFIG, REFUSED]);
    const { kubeconfig } = await opened;
    const asked = runner.lines.filter((line) => line.includes("auth can-i"));
    expect(asked.sort()).toEqual(
      [
        ...["get secrets", "list secrets", "get secrets --all-namespaces"],
        ...["create pods/exec", "delete pods", "patch deployments.apps"],
      ]
        .map((ask) => `kubectl --kubeconfig ${kubeconfig} auth can-i ${ask}`)
        .sort(),
    );
  });

  test("is gone when it is closed", async () => {
    const { opened } = open(folderWith({}), [TOKEN, CONFIG, REFUSED]);
    const { kubeconfig, close } = await opened;
    await close();
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(close()).resolves.toBeUndefined(); // whoever was faster has taken it away
  });

  test("is refused where the account may do more, and leaves no token behind", async () => {
    const folder = folderWith({});
    const wide = [/ auth can-i patch /, { stdout: "yes\n" }] as const;
    const { opened } = open(folder, [TOKEN, CONFIG, wide, REFUSED]);
    await expect(opened).rejects.toMatchObject({
      what: "ServiceAccount shop/todo-app-operations may do more than look",
      why: "the cluster lets it: patch deployments.apps",
    });
    expect(existsSync(join(folder, "kubeconfig.json"))).toBe(false);
  });

  test("is told apart: a stack without it, and an engineer who may not make a token", async () => {
    const missing = [
      / create token /,
      { code: 1, stderr: 'serviceaccounts "x" not found' },
    ] as const;
    await expect(open(folderWith({}), [missing, CONFIG]).opened).rejects.toMatchObject({
      why: `the ServiceAccount todo-app-operations isn't there: stack "live" doesn't have it enabled`,
      next: expect.stringContaining("pulumi config set ops true --stack live"),
    });
    const stderr = "1\nerror: failed\nForbidden: cannot create\nserviceaccounts/token\n";
    const forbidden = [/ create token /, { code: 1, stderr }] as const;
    await expect(open(folderWith({}), [forbidden, CONFIG]).opened).rejects.toMatchObject({
      why: "error: failed\nForbidden: cannot create\nserviceaccounts/token",
      next: expect.stringContaining("kubectl auth can-i create serviceaccounts/token"),
    });
  });

  test.each([
    [{ code: 1, stderr: "no such context\n" }, "no such context"],
    [{ code: 0, stdout: "" }, "the kubeconfig has no such context"],
  ])("needs the cluster's address: %j", async (result, why) => {
    const { opened } = open(folderWith({}), [TOKEN, [/ config view /, result], REFUSED]);
    await expect(opened).rejects.toMatchObject({ what: "the cluster's address is unknown", why });
  });
});

describe("an identity is narrow", () => {
  const narrow = (answer: string): Promise<void> =>
    requireNarrow(async () => ({ code: 0, stdout: answer, stderr: "" }), "somebody");

  test("where the cluster says no, warnings before it or not", async () => {
    await expect(narrow("no\n")).resolves.toBeUndefined();
    await expect(
      narrow("Warning: resource is not namespaced\nno - RBAC\n"),
    ).resolves.toBeUndefined();
  });

  test("not where the cluster says nothing at all: what isn't known isn't trusted", async () => {
    await expect(narrow("")).rejects.toMatchObject({
      what: "somebody may do more than look",
      why: expect.stringMatching(
        /^the cluster doesn't say that it can't: get secrets, list secrets, .*patch deployments.apps$/,
      ),
    });
  });
});
