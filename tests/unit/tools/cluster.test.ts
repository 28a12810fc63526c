import { minikubeStartArgs } from "../../../tools/cluster";

const reachable = jest.fn<Promise<boolean>, []>();
jest.mock("../../../tools/download", () => ({
  ...jest.requireActual<object>("../../../tools/download"),
  whyUnreachable: async () => ((await reachable()) ? undefined : "no route"),
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
