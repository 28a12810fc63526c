/** The platform that a stack's images are built for: that of the nodes which are to run them. */
import { spawnSync } from "node:child_process";
import type { Settings } from "../settings/settings";

/** In the words of Docker and Kubernetes. */
export type Platform = "linux/amd64" | "linux/arm64";

/** That of the CPU that Node.js was made for. */
export const OWN_PLATFORM: Platform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";

/** The one that a tag doesn't name, whoever builds. */
const USUAL: Platform = "linux/amd64";
const ANSWER_LIMIT_MS = 15_000;

/** What decides on a platform. */
type PlatformSettings = Pick<Settings, "platform" | "delivery" | "kubeContext">;

/**
 * The platform of a stack's images: its own choice, else the nodes'. Nodes behind a registry are asked, so that two
 * people with different machines build the same; Minikube's are as the engine is that they run in.
 * @throws Error where the nodes can't be asked, or aren't of one kind
 */
export function imagePlatform({ platform, delivery, kubeContext }: PlatformSettings): Platform {
  if (platform !== "") return platform;
  return delivery.kind === "registry" ? platformOfNodes(kubeContext) : platformOfEngine();
}

/**
 * The platform of the Docker engine that is meant. It is asked only where it may be another than that of Node.js: on
 * another machine, or on a Mac, where Rosetta runs a Node.js for Intel. One that doesn't answer is told elsewhere.
 */
export function platformOfEngine(
  os: NodeJS.Platform = process.platform,
  host: string | undefined = process.env.DOCKER_HOST,
): Platform {
  const isElsewhere = host !== undefined && host !== "" && !host.startsWith("unix:");
  if (os === "linux" && !isElsewhere) return OWN_PLATFORM;
  const { status, stdout } = spawnSync("docker", ["version", "--format", "{{.Server.Arch}}"], {
    encoding: "utf8",
    timeout: ANSWER_LIMIT_MS,
    env: process.env,
  });
  const arch = status === 0 ? stdout.trim() : "";
  return arch === "amd64" || arch === "arm64" ? `linux/${arch}` : OWN_PLATFORM;
}

/** The version as an image's tag begins with it: the same content for another platform is another image. */
export function taggedVersion(version: string, platform: Platform): string {
  return platform === USUAL ? version : `${version}-${platform.replace("linux/", "")}`;
}

/** The platform that an image, "repository:tag", is for. */
export function platformOf(image: string): Platform {
  return /-arm64-[0-9a-f]+$/.test(image) ? "linux/arm64" : USUAL;
}

function platformOfNodes(kubeContext: string): Platform {
  const jsonpath = "jsonpath={.items[*].status.nodeInfo.architecture}";
  const { status, stdout, stderr, error } = spawnSync(
    "kubectl",
    ["--context", kubeContext, "get", "nodes", "--output", jsonpath, "--request-timeout=10s"],
    { encoding: "utf8", timeout: ANSWER_LIMIT_MS, env: process.env },
  );
  const remedy = "pulumi config set platform linux/amd64, or linux/arm64, says it";
  if (status !== 0)
    throw new Error(
      `which platform the images are for can't be asked of the nodes of context "${kubeContext}" (${reason(stderr, error)}): ${remedy}`,
    );
  const found = [...new Set(stdout.split(" ").filter(Boolean))];
  const [only] = found;
  if (found.length === 1 && (only === "amd64" || only === "arm64")) return `linux/${only}`;
  throw new Error(
    `the nodes of context "${kubeContext}" are ${found.join(" and ") || "none"}, and an image is for one platform, linux/amd64 or linux/arm64: ${remedy}`,
  );
}

function reason(stderr: string | null, error: Error | undefined): string {
  return stderr?.trim().split("\n").at(-1) || error?.message || "no answer";
}
