import satisfies from "semver/functions/satisfies";
import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";
import { engines } from "../../package.json";
import { inspectTools, type ToolReport, toolEnvironment } from "../../tools";
import { credentialHelpers } from "../../tools/docker-host";
import { dockerClientFolder, engineInfo, imageStoreProblem } from "../../tools/engine";
import { isWithin, which } from "../../tools/install";
import { Missing, notChecked, thrown } from "./check";
import { type Finding, lastLine, ok, problem, warning } from "./finding";

/** The oldest Docker whose BuildKit the images' builds go well with. */
const DOCKER_AT_LEAST = "20.10.0";
const NODE_ENGINE = 'eval "$(minikube docker-env --unset)" takes the shell back, too';
const PODMAN =
  "install Docker: Podman lacks what Pulumi's builds and Minikube's docker driver need";
const VERSION = /(\d+\.\d+\.\d+)/;
const CLIENT = "Docker client";
const ENGINE = "Docker engine";

/** The tools that are there. */
export interface FoundTools {
  findings: Finding[];
  /** Environment with them on PATH. */
  env: NodeJS.ProcessEnv;
  /** Whether there is one of this name, at a version that is good. */
  has(name: string): boolean;
}

/** The Node.js that runs this. */
export function findNode(version = process.versions.node): Finding {
  const found = `${version} (needed: ${engines.node})`;
  if (satisfies(version, engines.node)) return ok("Node.js", found);
  return problem("Node.js", found, "install a Node.js that fits and put it first on PATH");
}

/** Looks for every tool; installs none. */
export async function findTools(): Promise<FoundTools> {
  const findings: Finding[] = [];
  let reports: ToolReport[] = [];
  try {
    reports = await inspectTools();
    findings.push(...reports.map(toolFinding));
  } catch (error) {
    findings.push(thrown("tools", error));
  }
  const folders = reports
    .filter(({ source, name }) => source === "cache" && !name.startsWith("Pulumi plugin"))
    .flatMap(({ path }) => path ?? []);
  const { env, notes } = await toolEnvironment(folders);
  findings.push(
    ...notes.map((note) => warning("this shell", note.replace(/^note: /, ""), NODE_ENGINE)),
  );
  return {
    findings,
    env,
    has: (name) => reports.some((report) => report.name === name && report.source !== "missing"),
  };
}

function toolFinding({ name, needed, found, source, remedy }: ToolReport): Finding {
  if (source !== "missing") return ok(name, `${found} (needed: ${needed}; ${source})`);
  return problem(name, `missing (needed: ${needed})`, remedy ?? "npm run up installs it");
}

/** Docker's client and engine, and the engine's version. */
export async function findDocker(
  env: NodeJS.ProcessEnv,
): Promise<{ findings: Finding[]; engine: string | Missing }> {
  if (which("docker") === undefined) {
    const reason = "no docker command is on PATH";
    const remedy = "install Docker (Docker Desktop, or on Debian: apt-get install docker.io)";
    const client = problem(CLIENT, `missing (needed: ≥ ${DOCKER_AT_LEAST})`, remedy);
    return { findings: [client, notChecked(ENGINE, reason)], engine: new Missing(reason) };
  }
  const [client, { finding, engine }] = await Promise.all([dockerClient(env), dockerEngine(env)]);
  return { findings: [client, ...missingHelpers(env), finding], engine };
}

/** Without them the real plugin builds no image, though it needs no credentials for that. */
function missingHelpers(env: NodeJS.ProcessEnv): Finding[] {
  return credentialHelpers(env)
    .filter((command) => which(command) === undefined)
    .map((command) =>
      warning(
        command,
        "isn't on PATH, and Docker's settings name it: Pulumi's docker plugin asks it before each build",
        "install it, or take it out of credsStore and credHelpers in ~/.docker/config.json",
      ),
    );
}

async function dockerClient(env: NodeJS.ProcessEnv): Promise<Finding> {
  const { stdout, stderr } = await tryRun("docker", ["--version"], { env });
  const isPodman = /podman/i.test(stdout + stderr);
  const finding = isPodman
    ? problem(CLIENT, `${lastLine(stdout)}, which is not Docker`, PODMAN)
    : dockerFinding(CLIENT, stdout);
  if (finding.level !== "ok") return finding;
  try {
    await dockerClientFolder();
    return finding;
  } catch (error) {
    if (!(error instanceof UserError)) return thrown(CLIENT, error);
    return problem(CLIENT, `${finding.found}; ${error.what}: ${error.why}`, error.next);
  }
}

async function dockerEngine(
  env: NodeJS.ProcessEnv,
): Promise<{ finding: Finding; engine: string | Missing }> {
  const info = await engineInfo(env);
  if (info?.isPodman) {
    const finding = problem(ENGINE, `Podman ${info.version}, which is not Docker`, PODMAN);
    return { finding, engine: new Missing("the engine is Podman's") };
  }
  if (info) {
    const finding = dockerFinding(ENGINE, info.version);
    const store = await imageStoreProblem(info.version, env);
    if (finding.level !== "ok" || store === undefined) return { finding, engine: info.version };
    const remedy = "bring Docker up to date, or turn its containerd image store off";
    return { finding: problem(ENGINE, store, remedy), engine: info.version };
  }
  const { stderr } = await tryRun("docker", ["version"], { env, timeoutMs: 20_000 });
  const reason = lastLine(stderr) || "it took too long";
  const remedy = env.DOCKER_HOST
    ? `start the engine at DOCKER_HOST (${env.DOCKER_HOST}), or unset it`
    : "start Docker (Docker Desktop, or sudo systemctl start docker); npm run up does it where it may";
  return {
    finding: problem(ENGINE, `doesn't answer (needed: ≥ ${DOCKER_AT_LEAST}): ${reason}`, remedy),
    engine: new Missing("the Docker engine doesn't answer"),
  };
}

/** @param text has the version in it */
function dockerFinding(subject: string, text: string): Finding {
  const version = VERSION.exec(text)?.[1] ?? "0.0.0";
  const found = `${version} (needed: ≥ ${DOCKER_AT_LEAST})`;
  if (isWithin(version, DOCKER_AT_LEAST)) return ok(subject, found);
  return problem(subject, found, "bring Docker up to date");
}
