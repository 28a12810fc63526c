import type { Session } from "../../../../cli/session/session";
import { SecretGuard } from "../../../../cli/update/secret-guard";
import { type RunOptions, type RunResult, tryRun } from "../../../../common/run";

jest.mock("../../../../common/run", () => ({ tryRun: jest.fn() }));

const GOOD: RunResult = { code: 0, stdout: "", stderr: "" };
const secret = (password: string, manager = "pulumi-kubernetes-1") => ({
  ...{ type: "Opaque", data: { DATABASE_URL: password } },
  metadata: {
    ...{ name: "todo-app-secrets", namespace: "todo-app", labels: { app: "todo-app" } },
    ...{ annotations: { note: "kept" }, resourceVersion: "7" },
    managedFields: [
      { manager: "kubectl-edit", operation: "Update" },
      { manager, operation: "Apply" },
    ],
  },
});

/** The cluster: its Secret, the fingerprint of what its pods run with, and whether it answers. */
let now: { secret: object | undefined; released: string; answers: boolean };
let refreshes: string[][];
let said: string[];

const session = {
  ...{ stack: "dev", settings: { kubeContext: "far" }, tools: { env: { HOME: "/home" } } },
  cluster: {
    arguments: ["--context", "far", "--namespace", "todo-app"],
    try: async (args: readonly string[]): Promise<RunResult> => {
      if (!now.answers) return { code: 1, stdout: "", stderr: "connection refused\n" };
      if (args[1] === "deployment") return { ...GOOD, stdout: now.released };
      return { ...GOOD, stdout: now.secret ? JSON.stringify(now.secret) : "" };
    },
  },
  pulumi: {
    try: async (args: string[]): Promise<RunResult> => {
      refreshes.push(args);
      return GOOD;
    },
  },
} as unknown as Session;

const applied = (): { line: string; object: unknown }[] =>
  jest.mocked(tryRun).mock.calls.map(([command, args, options]) => ({
    line: [command, ...args].join(" "),
    object: JSON.parse(String((options as RunOptions).input)),
  }));

beforeEach(() => {
  now = { secret: secret("old"), released: "fingerprint-1", answers: true };
  [refreshes, said] = [[], []];
  jest.mocked(tryRun).mockReset().mockResolvedValue(GOOD);
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text).trim());
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

describe("after an update that failed", () => {
  test("the Secret has the released pods' values again, owned by who owned it, and Pulumi knows", async () => {
    const guard = await SecretGuard.before(session);
    now.secret = secret("never worked");
    await guard.restore();
    expect(applied()).toEqual([
      {
        line: "kubectl --context far --namespace todo-app apply --server-side --force-conflicts --field-manager=pulumi-kubernetes-1 --filename -",
        object: {
          ...{ apiVersion: "v1", kind: "Secret", type: "Opaque", data: { DATABASE_URL: "old" } },
          metadata: {
            ...{ name: "todo-app-secrets", namespace: "todo-app", labels: { app: "todo-app" } },
            annotations: { note: "kept" },
          },
        },
      },
    ]);
    expect(refreshes).toEqual([
      [
        ...["refresh", "--yes", "--skip-preview", "--target"],
        expect.stringMatching(/^urn:pulumi:dev::.*Secret/),
      ],
    ]);
    expect(said).toEqual(["· Secret todo-app-secrets has the values of the release that serves"]);
  });

  test("one that vanished is made again", async () => {
    const guard = await SecretGuard.before(session);
    now.secret = undefined;
    await guard.restore();
    expect(applied()[0]?.object).toMatchObject({ data: { DATABASE_URL: "old" } });
  });

  test("one without an owner is kubectl's", async () => {
    const guard = await SecretGuard.before(session);
    now.secret = { ...secret("new"), metadata: { name: "a", namespace: "b" } };
    await guard.restore();
    expect(applied()[0]?.line).toContain(" --field-manager=kubectl ");
  });

  test("nothing is done where the values are the same", async () => {
    const guard = await SecretGuard.before(session);
    await guard.restore();
    expect(applied()).toEqual([]);
  });

  test("nothing is done where another release serves by now: its pods read the new values", async () => {
    const guard = await SecretGuard.before(session);
    now.secret = secret("new");
    now.released = "fingerprint-2";
    await guard.restore();
    expect(applied()).toEqual([]);
  });

  test.each([
    ["no Secret", { secret: undefined, released: "fingerprint-1" }],
    ["no release", { secret: secret("old"), released: "" }],
  ])("nothing is done where there was %s before", async (_, before) => {
    now = { ...now, ...before };
    const guard = await SecretGuard.before(session);
    now = { secret: secret("new"), released: before.released, answers: true };
    await guard.restore();
    expect(applied()).toEqual([]);
    expect(said).toEqual([]);
  });

  test("a cluster that is gone is told, and hides no other failure", async () => {
    const guard = await SecretGuard.before(session);
    now.answers = false;
    await guard.restore();
    expect(said).toEqual([
      "! Secret todo-app-secrets can't be looked at: the next npm run up sets it right",
    ]);
  });

  test("values that can't be put back are told, and not refreshed", async () => {
    jest.mocked(tryRun).mockResolvedValue({ ...GOOD, code: 1 });
    const guard = await SecretGuard.before(session);
    now.secret = secret("new");
    await guard.restore();
    expect(refreshes).toEqual([]);
    expect(said).toEqual([
      "! Secret todo-app-secrets still has the values of the update that failed: the next npm run up sets it right",
    ]);
  });
});

describe("before an update", () => {
  test("whether a release is there is known", async () => {
    expect((await SecretGuard.before(session)).hasRelease).toBe(true);
    now.released = "";
    expect((await SecretGuard.before(session)).hasRelease).toBe(false);
  });

  test("a cluster that doesn't answer is refused: nothing could be put back", async () => {
    now.answers = false;
    await expect(SecretGuard.before(session)).rejects.toMatchObject({
      what: `the cluster of context "far" doesn't say what runs there`,
      why: "connection refused",
    });
  });
});
