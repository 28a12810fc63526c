import { localBackend } from "../../../../cli/session/backend";
import {
  openSession,
  preparePreview,
  prepareUpdate,
  type Session,
  sessionWith,
  usesLocalDatabase,
} from "../../../../cli/session/session";
import { ROOT } from "../../../../cli/session/workspace";
import { nodesRun, preflight, requireCluster } from "../../../../cli/update/preflight";
import { readSettings } from "../../../../components/settings/settings";
import {
  ensureCluster,
  ensureEngine,
  ensureImages,
  ensureTools,
  renewTools,
  TOOL_VARIABLES,
  wishForImage,
} from "../../../../tools";
import { written } from "../commands/support";

jest.mock("../../../../tools", () => ({
  ...{ TOOL_VARIABLES: ["DOCKER_HOST", "NO_PROXY"] },
  ...{ ensureCluster: jest.fn(), ensureEngine: jest.fn(), ensureImages: jest.fn() },
  wishForImage: jest.fn(),
  ...{ ensureTools: jest.fn(), renewTools: jest.fn() },
}));
jest.mock("../../../../cli/update/preflight", () => ({
  ...{ nodesRun: jest.fn(), preflight: jest.fn(), requireCluster: jest.fn() },
}));

const environment = { ...process.env };
const cwd = process.cwd();
const tools = { env: { DOCKER_HOST: "unix:///d" }, notes: ["note: one", "note: two"] };
let answers: boolean;
let done: string[];
let err: string[];

beforeEach(() => {
  [answers, done] = [true, []];
  err = written("stderr");
  const note = (name: string) => async () => void done.push(name);
  jest
    .mocked(ensureTools)
    .mockReset()
    .mockResolvedValue(tools as never);
  jest.mocked(renewTools).mockReset().mockResolvedValue([]);
  jest.mocked(ensureEngine).mockReset().mockImplementation(note("engine"));
  jest.mocked(ensureCluster).mockReset().mockImplementation(note("cluster"));
  jest.mocked(ensureImages).mockReset().mockImplementation(note("images"));
  jest.mocked(wishForImage).mockReset().mockResolvedValue(undefined);
  jest.mocked(preflight).mockReset().mockImplementation(note("preflight"));
  jest.mocked(requireCluster).mockReset().mockImplementation(note("answers"));
  jest.mocked(nodesRun).mockReset().mockResolvedValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  process.chdir(cwd);
});

const session = (config: Record<string, string> = {}): Session =>
  ({
    ...{ stack: "dev", settings: readSettings(config, "dev", ["databaseUrl"]), tools },
    pulumi: { ensureStack: async () => void done.push("stack") },
    cluster: { answers: async () => answers },
  }) as unknown as Session;
const DATABASE = { databaseUrl: "postgresql://t:hunter22@db/todo" };
const ELSEWHERE = {
  ...{ imageDelivery: "registry", registry: "registry.example/team", kubeContext: "far" },
  ...{ publicUrl: "https://todo.example", ...DATABASE },
};

/** The images without which there is no update. */
const needed = (): readonly string[] | undefined => jest.mocked(ensureImages).mock.calls[0]?.[1];

describe("a session", () => {
  test("is opened in the project's folder, with the tools that are needed", async () => {
    process.chdir("/");
    const { stack, tools: had } = await openSession("dev", ["kubectl"]);
    expect([stack, had, process.cwd()]).toEqual(["dev", tools, ROOT]);
    expect(ensureTools).toHaveBeenLastCalledWith(["kubectl"]);
  });

  test("gives this process what finds the engine, and takes away what doesn't", () => {
    process.env.NO_PROXY = "old";
    sessionWith("dev", readSettings({}, "dev", []), tools as never);
    expect(TOOL_VARIABLES.map((name) => process.env[name])).toEqual(["unix:///d", undefined]);
  });

  test("has Pulumi and the cluster of its own stack", () => {
    const { pulumi, cluster } = sessionWith(
      "staging",
      readSettings({ namespace: "shop", kubeContext: "far" }, "staging", []),
      tools as never,
    );
    expect(pulumi.stack).toBe("staging");
    expect(pulumi.env).toMatchObject({ DOCKER_HOST: "unix:///d", PWD: ROOT });
    expect(pulumi.env.PULUMI_BACKEND_URL).toBe(
      process.env.PULUMI_BACKEND_URL ?? localBackend(ROOT),
    );
    expect(cluster.arguments).toEqual(["--context", "far", "--namespace", "shop"]);
  });
});

describe("before an update", () => {
  test("everything is there, in its order: what is there already is left alone", async () => {
    await prepareUpdate(session());
    expect(done).toEqual(["engine", "preflight", "images", "stack"]);
    expect(needed()).toEqual(["python:3.11-slim", "node:22-slim", "postgres:15"]);
    expect(err).toEqual(["note: one\n", "note: two\n"]);
  });

  test("with a database elsewhere, none is needed here", async () => {
    expect(
      [session(), session(DATABASE)].map(({ settings }) => usesLocalDatabase(settings)),
    ).toEqual([true, false]);
    await prepareUpdate(session(DATABASE));
    expect(needed()).toEqual(["python:3.11-slim", "node:22-slim"]);
  });

  test("that builds nothing, no image to build from is needed", async () => {
    await prepareUpdate(session(), []);
    expect(needed()).toEqual(["postgres:15"]);
  });

  test("a registry for the images of edits is wished for", async () => {
    await prepareUpdate(session());
    expect(wishForImage).toHaveBeenLastCalledWith(tools, "registry:2");
  });

  test("none is fetched where images go to a registry of the user's", async () => {
    await prepareUpdate(session(ELSEWHERE));
    expect(wishForImage).not.toHaveBeenCalled();
  });

  test("what has become the real thing is told", async () => {
    jest.mocked(renewTools).mockResolvedValue(["helm 3", "pulumi 3"]);
    await prepareUpdate(session());
    expect(err.slice(2)).toEqual([
      ...["· helm 3 is the real one from now on\n", "· pulumi 3 is the real one from now on\n"],
    ]);
  });

  test.each([
    ["its nodes don't run", () => jest.mocked(nodesRun).mockResolvedValue(false)],
    [
      "it doesn't answer",
      () => {
        answers = false;
      },
    ],
  ])("Minikube is started where %s, with the stack's node port", async (_, given) => {
    given();
    await prepareUpdate(session({ minikubeProfile: "team", nodePort: "30100" }));
    expect(done.slice(0, 3)).toEqual(["engine", "cluster", "answers"]);
    expect(ensureCluster).toHaveBeenLastCalledWith(tools, "team", [], 30_100);
    expect(nodesRun).toHaveBeenLastCalledWith("team");
  });

  test("a LoadBalancer's node port is nobody's wish", async () => {
    answers = false;
    await prepareUpdate(session({ serviceType: "LoadBalancer" }));
    expect(jest.mocked(ensureCluster).mock.lastCall?.[3]).toBeUndefined();
  });

  test("another cluster is asked, and never started", async () => {
    answers = false;
    await prepareUpdate(session(ELSEWHERE));
    expect(done.slice(0, 3)).toEqual(["engine", "answers", "preflight"]);
    expect(nodesRun).not.toHaveBeenCalled();
  });

  test("an obstacle ends it before images are got and the stack is made", async () => {
    jest.mocked(preflight).mockRejectedValue(new Error("the port is taken"));
    await expect(prepareUpdate(session())).rejects.toThrow("the port is taken");
    expect(done).toEqual(["engine"]);
  });
});

test("a preview needs the engine, the cluster and the stack, and no images", async () => {
  await preparePreview(session());
  expect(done).toEqual(["engine", "stack"]);
  expect(err).toEqual(["note: one\n", "note: two\n"]);
});
