/** The user's own stacks and clusters beside those of the tests, which must not notice anything. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../common/errors";
import { tryRun } from "../../common/run";
import { minikubeHome, readProfile } from "../../components/minikube/profile";
import { TESTS_PROFILE } from "../support/profile";
import type { Ended } from "./parts";
import type { TestResult } from "./results";

const PART = "neighbours";
const SERVES =
  "the user's own stacks serve without a failed request while DNS, images and the database are taken from the tests' own";
const UNTOUCHED = "the user's current context, profiles, nodes, DNS and images stay as they are";
const OTHERS_OF_TESTS = [TESTS_PROFILE, "todo-targets"];
const PATHS = ["/sign-in", "/api/backend/ready"] as const;
const PERIOD_MS = 500;
const REQUEST_LIMIT_MS = 15_000;
const KUBECTL_LIMIT = "--request-timeout=10s";

interface Service {
  spec: { ports: { nodePort?: number; port: number }[] };
  status: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

/** What the requests to the user's stacks have come to. */
interface Served {
  answered: number;
  failed: string[];
}

/** What is looked at, before and after, by name. */
type State = Readonly<Record<string, string>>;

export class Neighbours {
  private served: Served | undefined;

  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly profiles: readonly string[],
    private readonly urls: readonly string[],
    private readonly before: State,
  ) {}

  /** Looks at everything that is there before the tests begin. */
  static async look(env: NodeJS.ProcessEnv): Promise<Neighbours> {
    const profiles = await runningProfiles(env);
    const urls = (await Promise.all(profiles.map((profile) => urlsOf(profile, env)))).flat();
    return new Neighbours(env, profiles, urls, await stateOf(profiles, env));
  }

  /** Asks the user's stacks all the time while some work is done. */
  async during(work: () => Promise<void>): Promise<void> {
    let active = true;
    const served: Served = { answered: 0, failed: [] };
    const watch = async (url: string): Promise<void> => {
      while (active) {
        const failure = await failureOf(url);
        if (failure === undefined) served.answered += 1;
        else served.failed.push(`${url}: ${failure}`);
        await sleep(PERIOD_MS);
      }
    };
    const loops = this.urls.flatMap((url) => PATHS.map((path) => watch(`${url}${path}`)));
    try {
      await work();
    } finally {
      active = false;
      await Promise.all(loops);
      this.served = served;
    }
  }

  /** What has come of them. */
  async verdict(): Promise<Ended> {
    const after = await stateOf(this.profiles, this.env);
    const changed = Object.keys({ ...this.before, ...after })
      .filter((name) => this.before[name] !== after[name])
      .map((name) => `${name}: ${this.before[name]} → ${after[name]}`);
    const untouched: TestResult = {
      ...{ part: PART, title: UNTOUCHED, passed: changed.length === 0, seconds: 0 },
      ...(changed.length > 0 && { reason: changed.join("; ").slice(0, 600) }),
    };
    const results = [untouched, this.serving()];
    return { code: results.some(({ passed, skipped }) => !passed && !skipped) ? 1 : 0, results };
  }

  private serving(): TestResult {
    const row = { part: PART, title: SERVES, seconds: 0 };
    const left = (reason: string): TestResult => ({ ...row, passed: false, skipped: true, reason });
    if (this.urls.length === 0)
      return left("no stack of the user's serves on a Minikube profile of this machine");
    if (this.served === undefined) return left("no part took them away");
    const { answered, failed } = this.served;
    const passed = failed.length === 0 && answered > 0;
    const reason = `${failed.length} of ${answered + failed.length} requests failed: ${failed.slice(0, 3).join("; ")}`;
    return { ...row, passed, ...(!passed && { reason }) };
  }
}

/** The profiles of the user's whose clusters answer. */
async function runningProfiles(env: NodeJS.ProcessEnv): Promise<string[]> {
  const running: string[] = [];
  for (const profile of profilesOf(env)) {
    const args = ["--context", profile, "get", "--raw", "/readyz", KUBECTL_LIMIT];
    if ((await tryRun("kubectl", args, { env })).code === 0) running.push(profile);
  }
  return running;
}

function profilesOf(env: NodeJS.ProcessEnv): string[] {
  try {
    return readdirSync(join(minikubeHome(env), "profiles"))
      .filter((name) => !OTHERS_OF_TESTS.includes(name) && readProfile(name) !== undefined)
      .sort();
  } catch {
    return []; // Minikube was never used
  }
}

/** Where the front ends of a profile's stacks answer. */
async function urlsOf(profile: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const selector = "app.kubernetes.io/part-of=todo-app,app.kubernetes.io/component=frontend";
  const { code, stdout } = await tryRun(
    "kubectl",
    [
      ...["--context", profile, "get", "services", "--all-namespaces", KUBECTL_LIMIT],
      ...["--selector", selector, "--output", "json"],
    ],
    { env },
  );
  if (code !== 0) return [];
  const address = readProfile(profile)?.ip;
  const candidates = (JSON.parse(stdout) as { items: Service[] }).items.flatMap(
    ({ spec, status }) => [
      ...spec.ports.flatMap(({ nodePort }) =>
        nodePort === undefined ? [] : [`http://${address}:${nodePort}`],
      ),
      ...(status.loadBalancer?.ingress ?? []).flatMap(({ ip }) =>
        ip === undefined ? [] : spec.ports.map(({ port }) => `http://${ip}:${port}`),
      ),
    ],
  );
  const serving: string[] = [];
  for (const url of candidates) {
    const failures = await Promise.all(PATHS.map((path) => failureOf(`${url}${path}`)));
    if (failures.every((failure) => failure === undefined)) serving.push(url);
  }
  return serving;
}

/** Why a request failed; undefined where it was answered as it should. */
async function failureOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) });
    await response.arrayBuffer();
    return response.ok ? undefined : `${response.status}`;
  } catch (error) {
    return messageOf(error);
  }
}

async function stateOf(profiles: readonly string[], env: NodeJS.ProcessEnv): Promise<State> {
  const said = async (program: string, ...args: string[]): Promise<string> =>
    (await tryRun(program, args, { env })).stdout.trim();
  const state: Record<string, string> = {
    "current context": await said("kubectl", "config", "current-context"),
    profiles: profilesOf(env).join(" "),
  };
  for (const profile of profiles) {
    const dns = ["--context", profile, "--namespace", "kube-system", "get", "pods"];
    const selector = ["--selector", "k8s-app=kube-dns", "--output", "name", KUBECTL_LIMIT];
    const images = await said("docker", "exec", profile, "crictl", "images", "--quiet");
    state[`${profile}: DNS`] = await said("kubectl", ...dns, ...selector);
    state[`${profile}: images`] = [...new Set(images.split("\n"))].sort().join(" ");
    state[`${profile}: node`] = await said(
      ...["docker", "container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", profile],
    );
  }
  return state;
}
