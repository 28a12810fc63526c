import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { listNodes, readProfile } from "../../../../components/minikube/profile";
import { folderWith } from "../../support/folder";

interface Node {
  Name?: string;
  IP: string;
}

/** A machine with this profile, and Docker with these containers, "name<tab>state". */
function machineWith(profile: string, nodes: readonly Node[], containers: readonly string[]): void {
  const config = {
    Driver: "docker",
    KubernetesConfig: { ContainerRuntime: "containerd" },
    Nodes: nodes,
  };
  const folder = folderWith({
    [`.minikube/profiles/${profile}/config.json`]: JSON.stringify(config),
    docker: `#!/bin/sh\nprintf '${containers.join("\\n")}\\n'\n`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  process.env.MINIKUBE_HOME = folder;
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
}

const RUNNING = "\trunning";
const TWO: readonly Node[] = [
  { Name: "", IP: "10.0.0.2" },
  { Name: "m02", IP: "10.0.0.3" },
];

describe("the nodes of a Minikube profile", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  it("are all that the profile has, whatever other profiles run", async () => {
    const others = ["team", "minikube", "team-b", "team-b-m02"];
    machineWith(
      "team",
      TWO,
      [...others, "team-m02"].map((name) => name + RUNNING),
    );
    expect(await listNodes("team")).toEqual([
      { container: "team", running: true },
      { container: "team-m02", running: true },
    ]);
  });

  it.each([
    ["stopped", ["team\trunning", "team-m02\texited"]],
    ["gone", ["team\trunning"]],
  ])("are told where one is %s", async (_, containers) => {
    machineWith("team", TWO, containers);
    expect((await listNodes("team")).map(({ running }) => running)).toEqual([true, false]);
  });

  it("has the profile's name where it is alone, however it was called before", async () => {
    machineWith("team", [{ Name: "m01", IP: "10.0.0.2" }], ["team\trunning"]);
    expect(await listNodes("team")).toEqual([{ container: "team", running: true }]);
  });

  it("are none where there is no such profile", async () => {
    machineWith("team", TWO, []);
    expect(readProfile("other")).toBeUndefined();
    expect(await listNodes("other")).toEqual([]);
  });
});
