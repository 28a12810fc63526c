import * as pulumi from "@pulumi/pulumi";
import { listProcesses } from "../../../../common/processes";
import { clusterProvider, localOrigins, publicUrl } from "../../../../components/access/target";
import { type RawConfig, readSettings } from "../../../../components/settings/settings";
import { folderWith } from "../../support/folder";

jest.mock("../../../../common/processes", () => ({
  ...jest.requireActual<object>("../../../../common/processes"),
  listProcesses: jest.fn(),
}));

const ANY = { pid: 7, parent: 1 };
const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

/** A machine with a profile that publishes these ports, where these processes run. */
function machineWith(ports: readonly string[], ...processes: string[]): void {
  const config = { Driver: "docker", Nodes: [{ IP: "192.168.49.2" }], ExposedPorts: ports };
  const folder = folderWith({
    ".minikube/profiles/minikube/config.json": JSON.stringify(config),
  });
  process.env.MINIKUBE_HOME = folder;
  jest.mocked(listProcesses).mockReturnValue(processes.map((command) => ({ ...ANY, command })));
}

const settings = (config: RawConfig = {}) => readSettings(config, "dev", []);
const STAGING = { serviceType: "LoadBalancer", loadBalancerIp: "10.96.0.20" };

test("the cluster is named by its context alone: where kubectl finds that is each machine's own", async () => {
  const made: unknown[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs }) => {
      if (type === "pulumi:providers:kubernetes") made.push(inputs);
      return { id: "cluster", state: inputs };
    },
    call: () => ({}),
  });
  process.env.KUBECONFIG = "/home/ann/.kube/config:/home/ann/.kube/work";
  const { urn } = clusterProvider(settings());
  await new Promise((resolve) => urn.apply(resolve));
  expect(made).toEqual([{ context: "minikube", enableSecretMutable: "true" }]);
});

describe("the URL of a stack", () => {
  it.each([
    ["the port that the profile publishes", ["127.0.0.1:30000:30000"], "http://localhost:30000"],
    ["another one, where that was taken", ["127.0.0.1:30005:30000"], "http://localhost:30005"],
    ["the node's address, of a profile that publishes none", [], "http://192.168.49.2:30000"],
    [
      "the node's address, where others are published",
      ["127.0.0.1:30001:30001"],
      "http://192.168.49.2:30000",
    ],
  ])("is %s", (_, ports, expected) => {
    machineWith(ports);
    expect(publicUrl(settings())).toBe(expected);
  });

  it.each([
    ["the Service's own address, with a tunnel by a route", "", "http://10.96.0.20:3000"],
    [
      "loopback, with a tunnel by SSH",
      "minikube tunnel --bind-address=127.0.0.1",
      "http://127.0.0.1:3000",
    ],
  ])("is %s", (_, processes, expected) => {
    machineWith([], ...(processes ? [processes] : []));
    if (processes === "") {
      // A route stands in Minikube's list.
      process.env.MINIKUBE_HOME = folderWith({
        ".minikube/profiles/minikube/config.json": "{}",
        ".minikube/tunnels.json": JSON.stringify([{ MachineName: "minikube", Pid: process.pid }]),
      });
    }
    expect(publicUrl(settings(STAGING))).toBe(expected);
  });

  it("is refused for a LoadBalancer without a tunnel, with the command", () => {
    machineWith([]);
    expect(() => publicUrl(settings(STAGING))).toThrow(/minikube tunnel -p minikube/);
  });

  it("is the configured one wherever there is one", () => {
    machineWith(["127.0.0.1:30000:30000"]);
    expect(publicUrl(settings({ publicUrl: "https://todo.example.com" }))).toBe(
      "https://todo.example.com",
    );
  });
});

describe("the other addresses at which users may sign in", () => {
  it("are those of loopback and of the node, in development", () => {
    machineWith(["127.0.0.1:30005:30000"]);
    expect(localOrigins(settings())).toEqual([
      ...["http://localhost:30000", "http://127.0.0.1:30000"],
      ...["http://localhost:30005", "http://192.168.49.2:30000"],
    ]);
  });

  it("are none outside development", () => {
    machineWith([]);
    const staging = {
      environment: "staging",
      allowLocalDatabase: "true",
      allowOfflineModel: "true",
      allowGeneratedSecrets: "true",
    };
    expect(localOrigins(settings(staging))).toEqual([]);
  });
});
