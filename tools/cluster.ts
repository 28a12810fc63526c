import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../common/errors";
import { isPortFree } from "../common/ports";
import { step } from "../common/progress";
import { run, tryRun } from "../common/run";
import { CLUSTER_TOOLS, KUBERNETES_VERSION, RUNC_WRAPPER } from "./catalog";
import { whyUnreachable } from "./download";
import { ensureDebianPackages, lacksSysResource } from "./engine";
import { buildImage, ensureImage, hasImage } from "./images";
import { announceMaking, ensure, find, platform } from "./install";
import { goModuleFolder } from "./offline/registries";
import { minikubeHome } from "./proxy";

const IMAGE_REGISTRY = "https://registry.k8s.io";
const NODE_IMAGE = "todo-app/minikube-node:v1.38.1-1";
const NODE_READY_TIMEOUT_MS = 120_000;
/** What Minikube's docker driver asks of the host beyond Docker itself. */
const HOST_PACKAGES = ["iptables", "conntrack", "sudo"] as const;

const NODE_PORTS = [30_000, 30_001, 30_002, 30_003, 30_004] as const;

/** What a profile is made with, on every machine. */
const NEW_PROFILE_ARGS = [
  "--driver=docker",
  "--container-runtime=containerd",
  `--kubernetes-version=${KUBERNETES_VERSION}`,
  "--cni=bridge",
  "--install-addons=false",
] as const;

/** The state of one Minikube profile. */
export type ProfileState = "running" | "stopped" | "missing";

/** The state of a Minikube profile, as `minikube status` tells it. */
export async function profileState(profile: string, env: NodeJS.ProcessEnv): Promise<ProfileState> {
  if (!existsSync(profileFile(profile, env))) return "missing";
  const result = await tryRun("minikube", ["status", "--profile", profile, "--output", "json"], {
    env,
  });
  const running =
    /"Host":"Running"/.test(result.stdout) && /"APIServer":"Running"/.test(result.stdout);
  return running ? "running" : "stopped";
}

/** Whether a profile runs what is made here; one that Minikube made by itself has all that a start needs. */
function needsOwnParts(profile: string, state: ProfileState, env: NodeJS.ProcessEnv): boolean {
  return (
    state === "missing" || readFileSync(profileFile(profile, env), "utf8").includes(NODE_IMAGE)
  );
}

function profileFile(profile: string, env: NodeJS.ProcessEnv): string {
  return join(minikubeHome(env), "profiles", profile, "config.json");
}

/**
 * Arguments of `minikube start` for this machine. A profile that is there keeps what it was made with:
 * its runtime, its network and its version of Kubernetes are its owner's choice.
 */
export async function minikubeStartArgs(
  state: ProfileState,
  nodePort: number | undefined = undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const isNew = state === "missing";
  const args: string[] = [
    ...(isNew ? [...NEW_PROFILE_ARGS, ...(await portArgs(nodePort, env))] : []),
    "--interactive=false",
  ];
  if (process.getuid?.() === 0) args.push("--force");
  if (!(await canDownload())) {
    if (isNew) args.push(`--base-image=${NODE_IMAGE}`);
    args.push("--preload=false");
  }
  return args;
}

/**
 * Node ports that a new profile publishes on this machine's loopback, so that they answer there wherever the
 * engine runs: for a few stacks, and the one that is asked for. Where another profile has a port, this one's
 * answers at another. An engine on another machine publishes there, which helps nobody.
 */
async function portArgs(nodePort: number | undefined, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { DOCKER_HOST: host = "" } = env;
  if (host !== "" && !host.startsWith("unix:") && !host.startsWith("npipe:")) return [];
  const args: string[] = [];
  const taken = new Set<number>();
  for (const port of new Set([...(nodePort ? [nodePort] : []), ...NODE_PORTS])) {
    let own = port;
    while (taken.has(own) || !(await isPortFree(own, "127.0.0.1"))) own += NODE_PORTS.length;
    taken.add(own);
    args.push(`--ports=127.0.0.1:${own}:${port}`);
  }
  return args;
}

/** Whether Minikube fetches by itself what it needs; only Linux on x86-64 has another way. */
async function canDownload(): Promise<boolean> {
  const { os, arch } = platform();
  const offline = process.env.TODO_APP_OFFLINE;
  if (os !== "linux" || arch !== "amd64" || offline === "0") return true;
  return offline !== "1" && (await whyUnreachable(IMAGE_REGISTRY)) === undefined;
}

/**
 * The profile's cluster runs and all its nodes are Ready afterwards; it is made or started where needed.
 * @param more arguments of `minikube start` that win over those of every profile
 * @param nodePort a port that a new profile is to publish on this machine beside the usual ones
 */
export async function ensureCluster(
  profile: string,
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
  nodePort?: number,
): Promise<void> {
  const state = await profileState(profile, env);
  if (state === "running" && (await nodesReady(profile, env))) return;
  const args = await minikubeStartArgs(state, nodePort, env);
  if (needsOwnParts(profile, state, env) && !(await canDownload())) await ensureClusterParts(env);
  const keepContext = (await tryRun("kubectl", ["config", "current-context"], { env })).code === 0;
  await step(`Minikube profile "${profile}"`, async (progress) => {
    const result = await tryRun(
      "minikube",
      ["start", "--profile", profile, ...(keepContext ? ["--keep-context"] : []), ...args, ...more],
      { env, onLine: (line) => progress.detail(line) },
    );
    if (result.code !== 0) {
      const output = `${result.stdout}\n${result.stderr}`.trim().split("\n");
      const reasons = output.filter((line) =>
        /^(X|❌|💣|Exiting|E\d{4}|\s*Error)|Unable|failed/i.test(line),
      );
      throw new UserError({
        what: `Minikube profile "${profile}" doesn't start`,
        why: (reasons.length > 0 ? reasons : output).slice(-6).join("\n"),
        next: `minikube logs --profile ${profile} tells more; where nothing in it is worth keeping, minikube delete --profile ${profile} and run the command again`,
      });
    }
    const deadline = Date.now() + NODE_READY_TIMEOUT_MS;
    while (!(await nodesReady(profile, env))) {
      if (Date.now() > deadline) {
        throw new UserError({
          what: `the nodes of Minikube profile "${profile}" don't become Ready`,
          why: `waited ${NODE_READY_TIMEOUT_MS / 1000} s`,
          next: `kubectl --context ${profile} describe nodes`,
        });
      }
      progress.detail("waiting for the nodes to be Ready");
      await sleep(1000);
    }
  });
}

async function nodesReady(profile: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const jsonpath = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  const result = await tryRun(
    "kubectl",
    [
      "--context",
      profile,
      "get",
      "nodes",
      "--output",
      `jsonpath=${jsonpath}`,
      "--request-timeout=5s",
    ],
    { env },
  );
  const states = result.stdout.trim().split("\n");
  return result.code === 0 && states.every((state) => state === "True");
}

/** The node image, the control plane's images and binaries, made where minikube can't download them. */
async function ensureClusterParts(env: NodeJS.ProcessEnv): Promise<void> {
  if ((await Promise.all(CLUSTER_TOOLS.map(find))).includes(undefined)) {
    const reason = (await whyUnreachable(IMAGE_REGISTRY)) ?? "TODO_APP_OFFLINE is 1";
    announceMaking(`Kubernetes ${KUBERNETES_VERSION}`, reason);
  }
  await ensureDebianPackages(HOST_PACKAGES, "Minikube's host packages");
  const folders = new Map<string, string>();
  for (const tool of CLUSTER_TOOLS) folders.set(tool.name, (await ensure(tool)).folder);
  const folder = (name: string): string => folders.get(name) ?? "";

  const binaries = join(minikubeHome(env), "cache", "linux", "amd64", KUBERNETES_VERSION);
  mkdirSync(binaries, { recursive: true });
  for (const name of ["kubelet", "kubeadm", "kubectl"]) {
    if (!existsSync(join(binaries, name)))
      copyFileSync(join(folder("kubernetes"), name), join(binaries, name));
  }

  await ensureImage("debian:bookworm-slim", env);
  const component = (name: string): [string, string] => [
    `registry.k8s.io/${name}:${KUBERNETES_VERSION}`,
    join(folder("kubernetes"), name),
  ];
  const singles: [image: string, binary: string, changes?: string][] = [
    component("kube-apiserver"),
    component("kube-controller-manager"),
    component("kube-scheduler"),
    ["registry.k8s.io/etcd:3.6.5-0", join(folder("etcd"), "etcd")],
    ["registry.k8s.io/coredns/coredns:v1.12.1", join(folder("coredns"), "coredns"), "coredns"],
    ["registry.k8s.io/pause:3.10.1", join(folder("pause"), "pause"), "pause"],
  ];
  for (const [image, binary, entrypoint] of singles) {
    await ensureLocal(image, "cluster-binary", env, {
      files: { [binary]: binary.split("/").pop() ?? "" },
      args: ["BINARY", binary.split("/").pop() ?? ""],
      append: entrypoint ? `ENTRYPOINT ["/usr/local/bin/${entrypoint}"]\n` : "",
    });
  }
  await ensureLocal(`registry.k8s.io/kube-proxy:${KUBERNETES_VERSION}`, "kube-proxy", env, {
    files: { [join(folder("kubernetes"), "kube-proxy")]: "kube-proxy" },
  });
  if (await hasImage(NODE_IMAGE, env)) return;
  const wrapper = lacksSysResource()
    ? join((await ensure(RUNC_WRAPPER)).folder, "runc-wrapper")
    : undefined;
  await step(`image ${NODE_IMAGE}`, async (progress) => {
    const kicbase = join(
      await goModuleFolder("minikube", "k8s.io/minikube", progress),
      "deploy",
      "kicbase",
    );
    await buildImage(NODE_IMAGE, "cluster-node", {
      env,
      step: progress,
      args: [
        "--build-arg",
        `VERSION_JSON={"iso_version":"v1.38.1","kicbase_version":"v0.0.50","minikube_version":"v1.38.1"}`,
      ],
      prepare: async (context) => {
        mkdirSync(join(context, "upstream"));
        mkdirSync(join(context, "runc"));
        for (const name of ["entrypoint", "containerd.toml"]) {
          copyFileSync(join(kicbase, name), join(context, "upstream", name));
        }
        cpSync(join(folder("crictl"), "crictl"), join(context, "crictl"));
        if (wrapper) cpSync(wrapper, join(context, "runc", "runc"));
      },
    });
  });
}

async function ensureLocal(
  image: string,
  dockerfile: string,
  env: NodeJS.ProcessEnv,
  content: { files: Record<string, string>; args?: readonly [string, string]; append?: string },
): Promise<void> {
  if (await hasImage(image, env)) return;
  await step(`image ${image}`, (progress) =>
    buildImage(image, dockerfile, {
      env,
      step: progress,
      args: content.args ? ["--build-arg", content.args.join("=")] : [],
      prepare: async (context) => {
        for (const [from, to] of Object.entries(content.files))
          copyFileSync(from, join(context, to));
        if (content.append) {
          await run("sh", [
            "-c",
            'chmod u+w "$0" && printf %s "$1" >> "$0"',
            join(context, "Dockerfile"),
            content.append,
          ]);
        }
      },
    }),
  );
}
