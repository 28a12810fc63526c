import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  imagePlatform,
  OWN_PLATFORM,
  platformOf,
  platformOfEngine,
  taggedVersion,
} from "../../../../components/images/platform";
import { folderWith } from "../../support/folder";

const ON_REGISTRY = {
  platform: "",
  delivery: { kind: "registry", registry: "registry.example.com/team" },
  kubeContext: "staging",
} as const;
const ON_MINIKUBE = {
  platform: "",
  delivery: { kind: "minikube", profile: "minikube" },
  kubeContext: "minikube",
} as const;

describe("the platform of images", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  /** A command that answers so where its arguments fit a pattern of the shell. */
  function answering(command: string, pattern: string, answer: string): void {
    const folder = folderWith({
      [command]: `#!/bin/sh\ncase "$*" in ${pattern}) ${answer};; *) exit 9;; esac\n`,
    });
    chmodSync(join(folder, command), 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
  }

  /** A kubectl that answers so where it is asked for the nodes of context "staging". */
  function kubectl(answer: string): void {
    answering("kubectl", '"--context staging get nodes "*nodeInfo.architecture*', answer);
  }

  function docker(answer: string): void {
    answering("docker", '"version --format {{.Server.Arch}}"', answer);
  }

  it.each([
    ["amd64 amd64", "linux/amd64"],
    ["arm64", "linux/arm64"],
  ])("is that of the nodes behind a registry, whoever builds: %s", (nodes, platform) => {
    kubectl(`printf '%s' '${nodes}'`);
    expect(imagePlatform(ON_REGISTRY)).toBe(platform);
  });

  it("is this machine's on Minikube, and nobody is asked", () => {
    kubectl("exit 1");
    expect(imagePlatform(ON_MINIKUBE)).toBe(OWN_PLATFORM);
  });

  const other = OWN_PLATFORM === "linux/amd64" ? "arm64" : "amd64";
  it.each([
    ["darwin", undefined],
    ["darwin", "unix:///Users/ada/.colima/default/docker.sock"],
    ["linux", "ssh://builder.example.com"],
  ] as const)(
    "is the engine's on %s with DOCKER_HOST %s, whatever Node.js was made for",
    (os, host) => {
      docker(`echo ${other}`);
      expect(platformOfEngine(os, host)).toBe(`linux/${other}`);
      docker("exit 1"); // told by whoever needs the engine
      expect(platformOfEngine(os, host)).toBe(OWN_PLATFORM);
    },
  );

  it.each([undefined, "unix:///run/user/1000/docker.sock"])(
    "is this machine's on Linux with DOCKER_HOST %s, and no engine is asked",
    (host) => {
      docker(`echo ${other}`);
      expect(platformOfEngine("linux", host)).toBe(OWN_PLATFORM);
    },
  );

  it.each([ON_REGISTRY, ON_MINIKUBE])("is what the stack says, if it does", (settings) => {
    kubectl("exit 1");
    expect(imagePlatform({ ...settings, platform: "linux/arm64" })).toBe("linux/arm64");
  });

  it.each([
    ["printf 'amd64 arm64'", "amd64 and arm64, and an image is for one platform"],
    ["printf 's390x'", "are s390x"],
    ["printf ''", "are none"],
    ["echo 'connection refused' >&2; exit 1", "can't be asked .*connection refused"],
  ])("is asked for by name where the nodes don't tell it: %s", (answer, reason) => {
    kubectl(answer);
    expect(() => imagePlatform(ON_REGISTRY)).toThrow(new RegExp(reason));
    expect(() => imagePlatform(ON_REGISTRY)).toThrow("pulumi config set platform linux/amd64");
  });

  it("stands in the tag where it isn't the usual one, and can be read there", () => {
    expect(taggedVersion("1.0.0", "linux/amd64")).toBe("1.0.0");
    expect(taggedVersion("1.0.0", "linux/arm64")).toBe("1.0.0-arm64");
    expect(platformOf("todo-backend:1.0.0-0123456789ab")).toBe("linux/amd64");
    expect(platformOf("todo-backend:1.0.0-arm64-0123456789ab")).toBe("linux/arm64");
  });
});
