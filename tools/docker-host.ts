import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../common/run";

/** The variables that `minikube docker-env` sets, and where it keeps what was there before. */
const NODE_ENGINE = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"] as const;

/** How every tool finds the one engine that is meant. */
export interface DockerHost {
  /** Variables to set; undefined takes one away. */
  variables: Record<string, string | undefined>;
  /** What a user should know about it. */
  notes: string[];
}

/**
 * The engine of the current docker context, in the variables that all tools read: Pulumi's docker plugin
 * reads no contexts (https://github.com/pulumi/pulumi-docker/issues/603). A shell in which
 * `minikube docker-env` was evaluated means the engine inside a node, where neither the node itself nor
 * its network exists: it is taken back to the one before.
 */
export async function dockerHost(env: NodeJS.ProcessEnv = process.env): Promise<DockerHost> {
  const profile = env.MINIKUBE_ACTIVE_DOCKERD;
  const notes: string[] = [];
  // The one builder that leaves what it builds in the engine (https://docs.docker.com/build/builders/drivers/).
  const variables: Record<string, string | undefined> = { BUILDX_BUILDER: "default" };
  if (profile) {
    for (const name of NODE_ENGINE) variables[name] = env[`MINIKUBE_EXISTING_${name}`] || undefined;
    variables.MINIKUBE_ACTIVE_DOCKERD = undefined;
    notes.push(
      `note: this shell's docker is the one inside Minikube's "${profile}" (minikube docker-env); this machine's own is used`,
    );
  }
  const host = profile ? variables.DOCKER_HOST : env.DOCKER_HOST;
  if (host) return { variables, notes };
  return { variables: { ...variables, ...(await contextVariables(env)) }, notes };
}

/** How the user has chosen an engine, for people; undefined where it is this machine's usual one. */
export function chosenEngine(env: NodeJS.ProcessEnv): string | undefined {
  if (env.DOCKER_HOST) return `DOCKER_HOST is ${env.DOCKER_HOST}`;
  const name = contextName(env);
  return name === undefined ? undefined : `docker context "${name}" is chosen, and leads to none`;
}

async function contextVariables(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const name = contextName(env);
  if (name === undefined) return {};
  const result = await tryRun("docker", ["context", "inspect", name], { env, timeoutMs: 10_000 });
  if (result.code !== 0) return {}; // every docker command will say it better
  const [context] = JSON.parse(result.stdout) as {
    Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
    TLSMaterial?: { docker?: string[] };
    Storage?: { TLSPath?: string };
  }[];
  const { Host } = context?.Endpoints?.docker ?? {};
  if (!Host) return {};
  const hasTls = (context?.TLSMaterial?.docker ?? []).length > 0;
  const folder = context?.Storage?.TLSPath;
  const tls =
    hasTls && folder
      ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: join(folder, "docker") }
      : undefined;
  return { DOCKER_HOST: Host, ...tls };
}

/** The context that DOCKER_CONTEXT or `docker context use` has chosen; undefined for Docker's own. */
function contextName(env: NodeJS.ProcessEnv): string | undefined {
  const name = env.DOCKER_CONTEXT || dockerConfig(env).currentContext;
  return name === "default" ? undefined : name || undefined;
}

/**
 * Programs that the user's Docker asks for credentials, as their commands are called. Pulumi's docker plugin asks
 * all of them, whatever it builds.
 */
export function credentialHelpers(env: NodeJS.ProcessEnv = process.env): string[] {
  const { credsStore, credHelpers = {} } = dockerConfig(env);
  const names = [credsStore, ...Object.values(credHelpers)].filter(Boolean);
  return [...new Set(names)].map((name) => `docker-credential-${name}`);
}

/** The user's settings of Docker's client; empty where there are none. */
function dockerConfig(env: NodeJS.ProcessEnv): {
  currentContext?: string;
  credsStore?: string;
  credHelpers?: Record<string, string>;
} {
  const folder = env.DOCKER_CONFIG || join(homedir(), ".docker");
  try {
    return JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  } catch {
    return {};
  }
}

/** An environment with these variables set, and those that are undefined taken away. */
export function withVariables(
  env: NodeJS.ProcessEnv,
  variables: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  const result = { ...env, ...variables };
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete result[name];
  return result;
}
