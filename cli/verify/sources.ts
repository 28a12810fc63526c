import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { dockerfileRules, imageRules } from "../../blueprints/docker";
import { budgetOf, type Image } from "../../blueprints/docker/image";
import { readDockerfile } from "../../blueprints/docker/parse";
import { helmRules } from "../../blueprints/helm";
import { readChart } from "../../blueprints/helm/chart";
import { kubernetesRules } from "../../blueprints/kubernetes";
import { type KubernetesObject, Objects } from "../../blueprints/kubernetes/objects";
import { check, type Finding } from "../../blueprints/rule";
import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";

/** What the blueprints find in a Dockerfile and the .dockerignore beside it. */
export function dockerfileFindings(file: string): Finding[] {
  mustBe("Dockerfile", file, statSync(file, { throwIfNoEntry: false })?.isFile());
  return check(dockerfileRules, readDockerfile(file));
}

/**
 * What the blueprints find in a chart's folder, and in what it renders.
 * @param values files that override its values, in order
 */
export async function chartFindings(
  folder: string,
  values: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  mustBe("chart", folder, existsSync(join(folder, "Chart.yaml")));
  const args = ["template", "verify", resolve(folder), "--namespace", "verify"];
  const files = values.flatMap((file) => ["--values", resolve(file)]);
  const rendered = await tryRun("helm", [...args, ...files], { env });
  if (rendered.code !== 0) {
    throw new UserError({
      what: `the chart ${folder} can't be rendered`,
      why: rendered.stderr.trim() || `helm template exited with ${rendered.code}`,
      next: "mend the chart, or give it the values that it needs: --values FILE",
    });
  }
  const objects = parseAllDocuments(rendered.stdout)
    .map((each) => each.toJS() as KubernetesObject | null)
    .filter((each) => each !== null);
  return [...check(helmRules, readChart(folder)), ...objectFindings(objects)];
}

/** What the blueprints find in Kubernetes objects. */
export function objectFindings(objects: readonly KubernetesObject[]): Finding[] {
  return check(kubernetesRules, new Objects(objects));
}

/** What the blueprints find in an image of the local engine. */
export async function imageFindings(name: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const inspected = await tryRun("docker", ["image", "inspect", name], { env });
  if (inspected.code !== 0) {
    throw new UserError({
      what: `there is no image ${name} in the local Docker engine`,
      why: inspected.stderr.trim() || `docker image inspect exited with ${inspected.code}`,
      next: `build it, or pull it: docker pull ${name}; where the engine doesn't answer, start that`,
    });
  }
  const [found] = JSON.parse(inspected.stdout) as [InspectedImage];
  return check(imageRules, { ...imageFrom(name, found), files: await filesOf(name, env) });
}

/** The part of `docker image inspect` that rules look at. */
export interface InspectedImage {
  Size: number;
  Config: {
    User?: string;
    Env?: string[] | null;
    Labels?: Record<string, string> | null;
    ExposedPorts?: Record<string, unknown> | null;
    Healthcheck?: { Test?: string[] } | null;
  };
}

/** An image as rules look at it, its files left out. */
export function imageFrom(name: string, { Size, Config }: InspectedImage): Image {
  return {
    name,
    budget: budgetOf(name),
    size: Size,
    user: Config.User ?? "",
    env: Config.Env ?? [],
    labels: Config.Labels ?? {},
    ports: Object.keys(Config.ExposedPorts ?? {}),
    healthcheck: Config.Healthcheck?.Test ?? [],
  };
}

/** The paths of an image's files, by a container that is never started. */
async function filesOf(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const script =
    'id=$(docker create "$0" nothing) || exit; docker export "$id" | tar -t; code=$?; docker rm "$id" >/dev/null; exit $code';
  const { code, stdout, stderr } = await tryRun("sh", ["-c", script, name], { env });
  // None at all would pass every rule about files.
  if (code !== 0)
    throw new UserError({
      what: `the files of image ${name} can't be listed`,
      why: stderr.trim() || `docker create, docker export and tar ended with exit code ${code}`,
      next: "see that docker create works, and that the disk has room: docker system df",
    });
  return stdout.split("\n").filter((path) => path !== "" && !path.endsWith("/"));
}

function mustBe(what: string, path: string, is: boolean | undefined): void {
  if (is) return;
  throw new UserError({
    what: `${path} is no ${what}`,
    why: existsSync(path) ? "it is something else" : "it isn't there",
    next: `npm run verify -- --${what.toLowerCase()} …`,
    exitCode: 64,
  });
}
