import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ageOf, listProcesses } from "../../../../common/processes";
import {
  findTunnel,
  isTunnelOf,
  listNodes,
  needsForwarding,
  networkOf,
  readProfile,
} from "../../../../components/minikube/profile";
import { folderWith } from "../../support/folder";

jest.mock("../../../../common/processes", () => ({
  ...jest.requireActual<object>("../../../../common/processes"),
  listProcesses: jest.fn(() => []),
  ageOf: jest.fn(() => undefined),
}));

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

describe("files of Minikube's that are damaged", () => {
  it("are named, with what makes them whole", () => {
    process.env.MINIKUBE_HOME = folderWith({ ".minikube/profiles/team/config.json": '{"Driver":' });
    expect(() => readProfile("team")).toThrow(
      expect.objectContaining({
        what: 'Minikube profile "team" can\'t be read',
        next: expect.stringContaining("minikube delete --profile team"),
      }),
    );
  });

  it("are no tunnel while one is writing its list", () => {
    process.env.MINIKUBE_HOME = folderWith({ ".minikube/tunnels.json": '[{"MachineName":' });
    expect(findTunnel("no-such-profile")).toBeUndefined();
  });
});

describe("the ports of a profile that answer on this machine", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  it.each([
    ["127.0.0.1:30000:30000", { 30000: "localhost:30000" }],
    ["31000:30000", { 30000: "localhost:31000" }],
    ["0.0.0.0:31000:30000/tcp", { 30000: "localhost:31000" }],
    ["192.168.1.5:80:30000", { 30000: "192.168.1.5:80" }],
    ["31000-31001:30000-30001", { 30000: "localhost:31000", 30001: "localhost:31001" }],
    ["30000", {}],
    ["127.0.0.1::30000", {}],
    ["53:53/udp", {}],
  ])("are read from --ports=%s", (spec, expected) => {
    const config = JSON.stringify({ Driver: "docker", ExposedPorts: [spec] });
    process.env.MINIKUBE_HOME = folderWith({ ".minikube/profiles/team/config.json": config });
    expect(Object.fromEntries(readProfile("team")?.published ?? [])).toEqual(expected);
  });

  it("are none of a profile that was made without", () => {
    machineWith("team", TWO, []);
    expect(readProfile("team")?.published.size).toBe(0);
  });
});

describe("a profile's tunnel", () => {
  it.each([
    ["minikube", "minikube tunnel", true],
    ["minikube", "/opt/bin/minikube --profile=minikube tunnel --bind-address=127.0.0.1", true],
    ["team", "minikube tunnel -p team", true],
    ["team", "minikube -p team tunnel --cleanup", true],
    ["team", "minikube tunnel --profile team-b", false],
    ["team", "minikube tunnel", false],
    ["minikube", "minikube start", false],
    ["minikube", "grep minikube tunnel", false],
    ["minikube", "ssh -N docker@127.0.0.1 -L 3000:10.96.0.1:3000", false],
  ])("of %s is told from %j: %s", (profile, line, expected) => {
    expect(isTunnelOf(profile, line, "minikube")).toBe(expected);
  });

  it("is that of the user's usual profile where its command names none", () => {
    const home = folderWith({ ".minikube/config/config.json": '{"profile":"team"}' });
    const before = { ...process.env };
    delete process.env.MINIKUBE_PROFILE;
    process.env.MINIKUBE_HOME = home;
    expect(isTunnelOf("team", "minikube tunnel")).toBe(true);
    expect(isTunnelOf("minikube", "minikube tunnel")).toBe(false);
    process.env.MINIKUBE_PROFILE = "other";
    expect(isTunnelOf("other", "minikube tunnel")).toBe(true);
    process.env = before;
  });

  describe("as it runs", () => {
    const environment = { ...process.env };
    afterEach(() => {
      process.env = { ...environment };
    });

    it.each([
      ["route", process.pid, "node jest"],
      ["ssh", 999_999_999, "minikube tunnel --profile team"],
      [undefined, 999_999_999, "minikube tunnel --profile other"],
    ])("is %s", (expected, pid, command) => {
      const folder = folderWith({
        ".minikube/tunnels.json": JSON.stringify([{ MachineName: "team", Pid: pid }]),
      });
      process.env.MINIKUBE_HOME = folder;
      jest.mocked(listProcesses).mockReturnValue([{ pid: 7, parent: 1, command }]);
      expect(findTunnel("team")).toBe(expected);
    });

    describe("where the nodes are within reach, and it isn't listed yet", () => {
      const looks = jest.mocked(listProcesses);
      let list: string;

      beforeEach(() => {
        delete process.env.DOCKER_HOST;
        delete process.env.WSL_DISTRO_NAME;
        const folder = folderWith({ ".minikube/tunnels.json": "[]" });
        process.env.MINIKUBE_HOME = folder;
        list = join(folder, ".minikube/tunnels.json");
        looks
          .mockReset()
          .mockReturnValue([{ pid: 7, parent: 1, command: "minikube tunnel -p team" }]);
      });

      it("is waited for while it is young", () => {
        jest.mocked(ageOf).mockReturnValue(2);
        looks.mockImplementationOnce(() => {
          writeFileSync(list, JSON.stringify([{ MachineName: "team", Pid: process.pid }]));
          return [{ pid: 7, parent: 1, command: "minikube tunnel -p team" }];
        });
        expect(findTunnel("team")).toBe("route");
        expect(looks).toHaveBeenCalledTimes(1);
      });

      it("goes by SSH where it never is, and is none where it ends", () => {
        jest.mocked(ageOf).mockReturnValueOnce(14.9).mockReturnValue(15.1);
        expect(findTunnel("team")).toBe("ssh");
        expect(looks).toHaveBeenCalledTimes(2);
        jest.mocked(ageOf).mockReturnValue(2);
        looks.mockReturnValueOnce([{ pid: 7, parent: 1, command: "minikube tunnel -p team" }]);
        looks.mockReturnValue([]);
        expect(findTunnel("team")).toBeUndefined();
      });

      it("isn't waited for where only SSH reaches them", () => {
        process.env.DOCKER_HOST = "ssh://ada@build";
        jest.mocked(ageOf).mockReturnValue(0);
        expect(findTunnel("team")).toBe("ssh");
      });
    });
  });
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ DOCKER_HOST: "unix:///var/run/docker.sock" }, false],
  [{ WSL_DISTRO_NAME: "Ubuntu" }, true],
  [{ DOCKER_HOST: "unix:///home/ada/.docker/desktop/docker.sock" }, true],
  [{ DOCKER_HOST: "unix:///run/user/1000/docker.sock" }, true],
  [{ DOCKER_HOST: "ssh://ada@build" }, true],
])("on Linux with %j the nodes need forwarding: %s", (env, expected) => {
  expect(needsForwarding(env)).toBe(expected);
});

describe("the network of a profile's nodes", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });
  const having = (config: object): void => {
    process.env.MINIKUBE_HOME = folderWith({
      ".minikube/profiles/team/config.json": JSON.stringify(config),
    });
  };

  it("is named after the profile, unless another was chosen", () => {
    having({ Driver: "docker" });
    expect(networkOf("team")).toBe("team");
    having({ Driver: "docker", Network: "office" });
    expect(networkOf("team")).toBe("office");
  });

  it("is none where the nodes are no containers: the database is somewhere else then", () => {
    having({ Driver: "kvm2" });
    expect(() => networkOf("team")).toThrow(
      expect.objectContaining({
        why: 'Minikube profile "team" runs by driver kvm2, not docker',
        next: expect.stringMatching(/^pulumi config set --secret databaseUrl /),
      }),
    );
  });

  it("is none where there is no profile, which can be made", () => {
    having({ Driver: "docker" });
    expect(() => networkOf("other")).toThrow(
      expect.objectContaining({
        why: 'there is no Minikube profile "other"',
        next: "npm run up makes it, or minikube start -p other",
      }),
    );
  });
});
