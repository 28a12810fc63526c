import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  imagePlatform,
  OWN_PLATFORM,
  platformOf,
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

  /** A kubectl that answers so where it is asked for the nodes of context "staging". */
  function kubectl(answer: string): void {
    const folder = folderWith({
      kubectl: `#!/bin/sh\ncase "$*" in "--context staging get nodes "*nodeInfo.architecture*) ${answer};; *) exit 9;; esac\n`,
    });
    chmodSync(join(folder, "kubectl"), 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
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
