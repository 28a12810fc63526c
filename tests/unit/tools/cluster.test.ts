import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isPortFree } from "../../../common/ports";
import { ensureCluster, minikubeStartArgs, profileState } from "../../../tools/cluster";
import { ensureDebianPackages } from "../../../tools/engine";
import { folderWith } from "../support/folder";

const reachable = jest.fn<Promise<boolean>, []>();
jest.mock("../../../tools/download", () => ({
  ...jest.requireActual<object>("../../../tools/download"),
  whyUnreachable: async () => ((await reachable()) ? undefined : "no route"),
}));

jest.mock("../../../tools/engine", () => ({
  ...jest.requireActual<object>("../../../tools/engine"),
  ensureDebianPackages: jest.fn().mockRejectedValue(new Error("made here")),
}));

jest.mock("../../../common/ports", () => ({ isPortFree: jest.fn(async () => true) }));

/** The names of the arguments, without their values. */
async function namesFor(state: "missing" | "stopped"): Promise<string[]> {
  return (await minikubeStartArgs(state)).map((arg) => arg.split("=")[0] ?? "");
}

describe("minikube start", () => {
  it("makes a new profile the same on every machine", async () => {
    reachable.mockResolvedValue(true);
    expect(await minikubeStartArgs("missing")).toEqual(
      expect.arrayContaining(["--driver=docker", "--container-runtime=containerd", "--cni=bridge"]),
    );
  });

  it("takes a node image made here where none can be fetched", async () => {
    reachable.mockResolvedValue(false);
    expect(await namesFor("missing")).toEqual(
      expect.arrayContaining(["--base-image", "--preload"]),
    );
  });

  it.each([true, false])(
    "changes nothing of a profile that is there (internet: %s)",
    async (has) => {
      reachable.mockResolvedValue(has);
      const own = ["--interactive", "--force", "--preload"];
      expect((await namesFor("stopped")).filter((name) => !own.includes(name))).toEqual([]);
    },
  );
});

describe("a new profile's ports on this machine", () => {
  const ports = async (nodePort?: number, env: NodeJS.ProcessEnv = {}): Promise<string[]> =>
    (await minikubeStartArgs("missing", nodePort, env)).flatMap((arg) =>
      arg.startsWith("--ports=") ? [arg.slice("--ports=".length)] : [],
    );
  const USUAL = [30_000, 30_001, 30_002, 30_003, 30_004].map((port) => `127.0.0.1:${port}:${port}`);
  beforeEach(() => reachable.mockResolvedValue(true));
  afterEach(() => jest.mocked(isPortFree).mockReset().mockResolvedValue(true));

  it("are the usual ones on its loopback, and the one that is asked for, once", async () => {
    expect(await ports()).toEqual(USUAL);
    expect(await ports(31_000)).toEqual(["127.0.0.1:31000:31000", ...USUAL]);
    expect((await ports(30_002)).sort()).toEqual(USUAL);
  });

  it("are others where another profile has them, and none is given twice", async () => {
    jest.mocked(isPortFree).mockImplementation(async (port) => port !== 30_000);
    expect(await ports(30_005)).toEqual([
      ...["127.0.0.1:30005:30005", "127.0.0.1:30010:30000"],
      ...USUAL.slice(1),
    ]);
    expect(isPortFree).toHaveBeenCalledWith(30_000, "127.0.0.1");
  });

  it.each(["tcp://10.0.0.1:2376", "ssh://ada@far"])(
    "are none with an engine at %s",
    async (host) => {
      expect(await ports(undefined, { DOCKER_HOST: host })).toEqual([]);
    },
  );

  it.each(["", "unix:///run/docker.sock", "npipe:////./pipe/docker"])(
    "are there with an engine at %j",
    async (host) => {
      expect(await ports(undefined, { DOCKER_HOST: host })).toEqual(USUAL);
    },
  );
});

describe("what a start takes", () => {
  const { TODO_APP_OFFLINE } = process.env;
  afterEach(() => {
    if (TODO_APP_OFFLINE === undefined) delete process.env.TODO_APP_OFFLINE;
    else process.env.TODO_APP_OFFLINE = TODO_APP_OFFLINE;
    jest.restoreAllMocks();
  });

  it("is asked for by nobody, and forced for root alone", async () => {
    reachable.mockResolvedValue(true);
    jest.spyOn(process, "getuid").mockReturnValue(0);
    expect(await minikubeStartArgs("stopped")).toEqual(["--interactive=false", "--force"]);
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    expect(await minikubeStartArgs("stopped")).toEqual(["--interactive=false"]);
  });

  it.each([
    ["0", false, []],
    ["1", true, ["--preload=false"]],
    [undefined, true, []],
    [undefined, false, ["--preload=false"]],
  ])("with TODO_APP_OFFLINE=%s, and the registry there: %s", async (offline, isThere, expected) => {
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    if (offline !== undefined) process.env.TODO_APP_OFFLINE = offline;
    else delete process.env.TODO_APP_OFFLINE;
    reachable.mockResolvedValue(isThere);
    expect((await minikubeStartArgs("stopped")).slice(1)).toEqual(expected);
  });
});

describe("a profile", () => {
  /** Programs that note how they are called, and files. */
  function machine(programs: Record<string, string>, profile = "theirs"): NodeJS.ProcessEnv {
    const scripts = Object.entries(programs).map(([name, script]) => [
      name,
      `#!/bin/sh\ncd "$(dirname "$0")"; echo "$@" >> ${name}.calls\n${script}\n`,
    ]);
    const folder = folderWith({
      ...Object.fromEntries(scripts),
      [`.minikube/profiles/${profile}/config.json`]: "{}",
    });
    for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755);
    return { PATH: `${folder}:${process.env.PATH}`, MINIKUBE_HOME: folder, FOLDER: folder };
  }
  const callsOf = ({ FOLDER = "" }: NodeJS.ProcessEnv, name: string): string[] => {
    const file = join(FOLDER, `${name}.calls`);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  const starts = (env: NodeJS.ProcessEnv) =>
    callsOf(env, "minikube").filter((call) => call.startsWith("start"));
  const RUNS = `[ "$1" = status ] && echo '{"Host":"Running","APIServer":"Running"}'`;
  const READY = `[ "$1" = config ] || echo True`;

  beforeEach(() => {
    reachable.mockResolvedValue(true);
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    jest.spyOn(process, "getuid").mockReturnValue(1000);
  });
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['{"Host":"Running","APIServer":"Running"}', "running"],
    ['{"Host":"Running","APIServer":"Stopped"}', "stopped"],
    ['{"Host":"Stopped","APIServer":"Running"}', "stopped"],
    ["", "stopped"],
  ])("that says %s is %s", async (said, state) => {
    const env = machine({ minikube: `echo '${said}'` });
    expect(await profileState("theirs", env)).toBe(state);
    expect(callsOf(env, "minikube")).toEqual(["status --profile theirs --output json"]);
  });

  it("that isn't there is missing, and nobody is asked", async () => {
    const env = machine({ minikube: "" });
    expect(await profileState("other", env)).toBe("missing");
    expect(callsOf(env, "minikube")).toEqual([]);
  });

  it("that runs with all its nodes Ready is left alone", async () => {
    const env = machine({ minikube: RUNS, kubectl: "echo True; echo True" });
    await ensureCluster("theirs", env);
    expect(starts(env)).toEqual([]);
    expect(callsOf(env, "kubectl")[0]).toMatch(/^--context theirs get nodes --output jsonpath=/);
  });

  it.each([
    ["one of its nodes isn't Ready", "echo True; [ -e started ] || echo False"],
    ["it doesn't answer", "echo True; [ -e started ]"],
  ])("that runs is started where %s", async (_, kubectl) => {
    const env = machine({ minikube: `${RUNS}; [ "$1" = start ] && touch started`, kubectl });
    await ensureCluster("theirs", env);
    expect(starts(env)).toHaveLength(1);
  });

  it("is started by its name, with what is asked for last, and the user's context is kept", async () => {
    const env = machine({ minikube: "", kubectl: READY });
    await ensureCluster("theirs", env, ["--nodes=2"]);
    expect(starts(env)).toEqual([
      "start --profile theirs --keep-context --interactive=false --nodes=2",
    ]);
    expect(callsOf(env, "kubectl")).toContain("config current-context");
  });

  it("becomes the context where the user has none", async () => {
    const env = machine({ minikube: "", kubectl: `[ "$1" = config ] && exit 1; echo True` });
    await ensureCluster("theirs", env);
    expect(starts(env)).toEqual(["start --profile theirs --interactive=false"]);
  });

  it("that is new gets a port that is asked for", async () => {
    const env = machine({ minikube: "", kubectl: READY }, "another");
    await ensureCluster("mine", env, [], 31_234);
    expect(starts(env)[0]).toContain("--ports=127.0.0.1:31234:31234");
    expect(starts(env)[0]).toContain("--driver=docker");
  });

  it("that doesn't start tells Minikube's reasons, the last six, on either stream", async () => {
    const said = [1, 2, 3, 4, 5, 6].map((number) => `echo 'X ${number}'`).join("; ");
    const minikube = `echo '* Creating'; ${said}; echo 'Unable to pull' >&2; echo '* bye' >&2; exit 80`;
    await expect(
      ensureCluster("theirs", machine({ minikube, kubectl: READY })),
    ).rejects.toMatchObject({
      what: 'Minikube profile "theirs" doesn\'t start',
      why: "X 2\nX 3\nX 4\nX 5\nX 6\nUnable to pull",
      next: expect.stringContaining("minikube logs --profile theirs"),
    });
  });

  it("that doesn't start and names no reason is told by its last words", async () => {
    const minikube = "seq 1 8; exit 1";
    await expect(
      ensureCluster("theirs", machine({ minikube, kubectl: READY })),
    ).rejects.toMatchObject({
      why: "3\n4\n5\n6\n7\n8",
    });
  });

  it("is waited for until all its nodes are Ready", async () => {
    const kubectl = `[ "$1" = config ] && exit; if [ -e looked ]; then echo True; else touch looked; echo False; fi`;
    const env = machine({ minikube: "", kubectl });
    await ensureCluster("theirs", env);
    expect(callsOf(env, "kubectl").filter((call) => call.includes("get nodes"))).toHaveLength(2);
  });

  it("whose nodes don't become Ready within two minutes is given up", async () => {
    const env = machine({ minikube: "", kubectl: `[ "$1" = config ] || echo False` });
    const begun = Date.now();
    let looks = 0;
    jest.spyOn(Date, "now").mockImplementation(() => begun + 60_001 * looks++);
    await expect(ensureCluster("theirs", env)).rejects.toMatchObject({
      what: 'the nodes of Minikube profile "theirs" don\'t become Ready',
      why: "waited 120 s",
      next: "kubectl --context theirs describe nodes",
    });
  });
});

describe("a stopped profile, without a network", () => {
  /** minikube and kubectl that know one profile, stopped until it is started. */
  function machine(baseImage: string): NodeJS.ProcessEnv {
    const folder = folderWith({
      minikube: `#!/bin/sh\n[ "$1" = start ] && touch "$(dirname "$0")/started"; exit 0\n`,
      kubectl: `#!/bin/sh\n[ -e "$(dirname "$0")/started" ] && echo True\n`,
      ".minikube/profiles/theirs/config.json": JSON.stringify({ KicBaseImage: baseImage }),
    });
    for (const program of ["minikube", "kubectl"]) chmodSync(join(folder, program), 0o755);
    return { PATH: `${folder}:${process.env.PATH}`, MINIKUBE_HOME: folder };
  }

  beforeEach(() => {
    reachable.mockResolvedValue(false);
    jest.mocked(ensureDebianPackages).mockClear();
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  const { XDG_CACHE_HOME } = process.env;
  afterEach(() => {
    jest.restoreAllMocks();
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  });

  it("is started as it is where Minikube made it: nothing is made, nothing installed", async () => {
    await ensureCluster("theirs", machine("gcr.io/k8s-minikube/kicbase:v0.0.50"));
    expect(ensureDebianPackages).not.toHaveBeenCalled();
  });

  it("has its parts made where they were made here before, with what that costs said beforehand", async () => {
    process.env.XDG_CACHE_HOME = folderWith({}); // nothing is made yet
    const said = jest.mocked(process.stderr.write);
    const start = ensureCluster("theirs", machine("todo-app/minikube-node:v1.38.1-1"));
    await expect(start).rejects.toThrow("made here");
    expect(said.mock.calls.flat().join("")).toMatch(
      /note: Kubernetes v[\d.]+ can't be downloaded \(no route\).*about \d\d min.*TODO_APP_OFFLINE=0/,
    );
  });
});
