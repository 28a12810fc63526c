import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CLUSTER_TOOLS } from "../../../tools/catalog";
import { ensureCluster } from "../../../tools/cluster";
import { ensureDebianPackages, lacksSysResource } from "../../../tools/engine";
import { buildImage, ensureImage, hasImage } from "../../../tools/images";
import { announceMaking, ensure, find } from "../../../tools/install";
import { goModuleFolder } from "../../../tools/offline/registries";
import { folderWith } from "../support/folder";

jest.mock("../../../common/ports", () => ({ isPortFree: async () => true }));
jest.mock("../../../tools/download", () => ({
  ...jest.requireActual<object>("../../../tools/download"),
  whyUnreachable: async () => undefined,
}));
jest.mock("../../../tools/engine", () => ({
  ...{ ensureDebianPackages: jest.fn(), lacksSysResource: jest.fn() },
}));
jest.mock("../../../tools/images", () => ({
  ...{ buildImage: jest.fn(), ensureImage: jest.fn(), hasImage: jest.fn() },
}));
jest.mock("../../../tools/install", () => ({
  ...jest.requireActual<object>("../../../tools/install"),
  ...{ announceMaking: jest.fn(), ensure: jest.fn(), find: jest.fn() },
}));
jest.mock("../../../tools/offline/registries", () => ({ goModuleFolder: jest.fn() }));

const NODE = "todo-app/minikube-node:v1.38.1-1";
const K8S = "v1.34.3";
const environment = { ...process.env };
/** Images that the engine has already. */
let present: string[];
let built: Map<
  string,
  { dockerfile: string; args: readonly string[]; files: Record<string, string> }
>;
let made: string[];
let folder: string;

beforeEach(() => {
  [present, built, made] = [[], new Map(), []];
  process.env.TODO_APP_OFFLINE = "1";
  folder = folderWith({
    minikube: "#!/bin/sh\n",
    kubectl: "#!/bin/sh\necho True\n",
    "modules/minikube/deploy/kicbase/entrypoint": "entrypoint",
    "modules/minikube/deploy/kicbase/containerd.toml": "toml",
  });
  for (const program of ["minikube", "kubectl"]) chmodSync(join(folder, program), 0o755);
  process.env.PATH = `${folder}:${environment.PATH}`;
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.mocked(announceMaking).mockReset();
  jest.mocked(find).mockReset().mockResolvedValue({ source: "cache", folder: "", version: "1" });
  jest
    .mocked(ensure)
    .mockReset()
    .mockImplementation(async ({ name, commands, version }) => {
      const own = join(folder, "tools", name);
      mkdirSync(own, { recursive: true });
      for (const command of commands) writeFileSync(join(own, command), `${name} ${command}`);
      made.push(name);
      return { source: "cache", folder: own, version };
    });
  jest
    .mocked(hasImage)
    .mockReset()
    .mockImplementation(async (image) => present.includes(image));
  jest.mocked(ensureImage).mockReset().mockResolvedValue(undefined);
  jest
    .mocked(ensureDebianPackages)
    .mockReset()
    .mockResolvedValue(undefined as never);
  jest.mocked(lacksSysResource).mockReset().mockReturnValue(false);
  jest.mocked(goModuleFolder).mockReset().mockResolvedValue(join(folder, "modules/minikube"));
  jest
    .mocked(buildImage)
    .mockReset()
    .mockImplementation(async (image, dockerfile, { env, step, prepare, args }) => {
      const context = mkdtempSync(join(folder, "context-"));
      writeFileSync(join(context, "Dockerfile"), "FROM x\n");
      await prepare?.(context, step, env);
      const files = readdirSync(context, { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      built.set(image, {
        ...{ dockerfile, args: args ?? [] },
        files: Object.fromEntries(
          files.map((file) => [file.slice(context.length + 1), readFileSync(file, "utf8")]),
        ),
      });
    });
});
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

const start = () => ensureCluster("mine", { PATH: process.env.PATH, MINIKUBE_HOME: folder });

test("a new profile without a network has each of its images made, from its own program", async () => {
  await start();
  expect(ensureDebianPackages).toHaveBeenCalledWith(
    ["iptables", "conntrack", "sudo"],
    "Minikube's host packages",
  );
  expect(ensureImage).toHaveBeenCalledWith("debian:bookworm-slim", expect.anything());
  expect(made).toEqual(CLUSTER_TOOLS.map(({ name }) => name));
  const single = (name: string, tool: string, entrypoint = "") => ({
    ...{ dockerfile: "cluster-binary", args: ["--build-arg", `BINARY=${name}`] },
    files: { Dockerfile: `FROM x\n${entrypoint}`, [name]: `${tool} ${name}` },
  });
  const { [NODE]: node, ...others } = Object.fromEntries(built);
  expect(others).toEqual({
    [`registry.k8s.io/kube-apiserver:${K8S}`]: single("kube-apiserver", "kubernetes"),
    [`registry.k8s.io/kube-controller-manager:${K8S}`]: single(
      "kube-controller-manager",
      "kubernetes",
    ),
    [`registry.k8s.io/kube-scheduler:${K8S}`]: single("kube-scheduler", "kubernetes"),
    "registry.k8s.io/etcd:3.6.5-0": single("etcd", "etcd"),
    "registry.k8s.io/coredns/coredns:v1.12.1": single(
      "coredns",
      "coredns",
      'ENTRYPOINT ["/usr/local/bin/coredns"]\n',
    ),
    "registry.k8s.io/pause:3.10.1": single(
      "pause",
      "pause",
      'ENTRYPOINT ["/usr/local/bin/pause"]\n',
    ),
    [`registry.k8s.io/kube-proxy:${K8S}`]: {
      ...{ dockerfile: "kube-proxy", args: [] },
      files: { Dockerfile: "FROM x\n", "kube-proxy": "kubernetes kube-proxy" },
    },
  });
  expect(node).toEqual({
    dockerfile: "cluster-node",
    args: ["--build-arg", expect.stringContaining('"minikube_version":"v1.38.1"')],
    files: {
      Dockerfile: "FROM x\n",
      crictl: "crictl crictl",
      "upstream/containerd.toml": "toml",
      "upstream/entrypoint": "entrypoint",
    },
  });
});

test("Minikube finds the node's programs in its cache; one that is there stays", async () => {
  const cache = join(folder, ".minikube/cache/linux/amd64", K8S);
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "kubelet"), "theirs");
  await start();
  const found = Object.fromEntries(
    readdirSync(cache).map((name) => [name, readFileSync(join(cache, name), "utf8")]),
  );
  expect(found).toEqual({
    ...{ kubelet: "theirs", kubeadm: "kubernetes kubeadm", kubectl: "kubernetes kubectl" },
  });
});

test("what the engine has isn't made again", async () => {
  present = [NODE, `registry.k8s.io/kube-proxy:${K8S}`, "registry.k8s.io/etcd:3.6.5-0"];
  await start();
  expect(built.size).toBe(5);
  for (const image of present) expect(built.has(image)).toBe(false);
  expect(goModuleFolder).not.toHaveBeenCalled();
});

test("an engine that may not raise limits gets a runc that doesn't ask for it", async () => {
  jest.mocked(lacksSysResource).mockReturnValue(true);
  await start();
  expect(built.get(NODE)?.files["runc/runc"]).toMatch(/runc-wrapper$/);
});

test("what that costs is said once, before anything is made", async () => {
  jest.mocked(find).mockResolvedValueOnce(undefined);
  await start();
  expect(jest.mocked(announceMaking).mock.calls).toEqual([
    [`Kubernetes ${K8S}`, "TODO_APP_OFFLINE is 1"],
  ]);
  jest.mocked(announceMaking).mockClear();
  await start();
  expect(announceMaking).not.toHaveBeenCalled();
});

test("with a network nothing is made", async () => {
  process.env.TODO_APP_OFFLINE = "0";
  await start();
  expect(built.size).toBe(0);
  expect(existsSync(join(folder, ".minikube/cache"))).toBe(false);
});
