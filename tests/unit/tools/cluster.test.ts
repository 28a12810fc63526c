import { chmodSync } from "node:fs";
import { join } from "node:path";
import { ensureCluster, minikubeStartArgs } from "../../../tools/cluster";
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
