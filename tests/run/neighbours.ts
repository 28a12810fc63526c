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
const PERIOD_MS = 500;
/** Each question through the API server starts a kubectl. */
const READY_PERIOD_MS = 2000;
const REQUEST_LIMIT_MS = 15_000;
const KUBECTL_LIMIT = "--request-timeout=10s";

interface Service {
  metadata: { name: string; namespace: string };
  spec: { ports: { nodePort?: number; port: number }[] };
  status: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

/** Something of the user's that answers. */
interface Serving {
  name: string;
  periodMs: number;
  /** Why it didn't answer as it should; undefined where it did. */
  failure(): Promise<string | undefined>;
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
    private readonly serving: readonly Serving[],
    private readonly before: State,
  ) {}

  /** Looks at everything that is there before the tests begin. */
  static async look(env: NodeJS.ProcessEnv): Promise<Neighbours> {
    const profiles = await runningProfiles(env);
    const serving = await Promise.all(profiles.map((profile) => servingOn(profile, env)));
    return new Neighbours(env, profiles, serving.flat(), await stateOf(profiles, env));
  }

  /** Asks the user's stacks all the time while some work is done. */
  async during(work: () => Promise<void>): Promise<void> {
    let active = true;
    const served: Served = { answered: 0, failed: [] };
    const watch = async (one: Serving): Promise<void> => {
      while (active) {
        const failure = await one.failure();
        if (failure === undefined) served.answered += 1;
        else served.failed.push(`${one.name}: ${failure}`);
        await sleep(one.periodMs);
      }
    };
    const loops = this.serving.map(watch);
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
    const results = [untouched, this.servedRow()];
    return { code: results.some(({ passed, skipped }) => !passed && !skipped) ? 1 : 0, results };
  }

  private servedRow(): TestResult {
    const row = { part: PART, title: SERVES, seconds: 0 };
    const left = (reason: string): TestResult => ({ ...row, passed: false, skipped: true, reason });
    if (this.serving.length === 0)
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

/** What answers on a profile: the pages of its stacks, and their back ends with their databases. */
async function servingOn(profile: string, env: NodeJS.ProcessEnv): Promise<Serving[]> {
  const [fronts, backs] = await Promise.all(
    ["frontend", "backend"].map((component) => servicesOf(profile, component, env)),
  );
  const address = readProfile(profile)?.ip;
  const pages = (fronts ?? []).flatMap(({ spec, status }) => [
    ...spec.ports.flatMap(({ nodePort }) =>
      nodePort === undefined ? [] : [`http://${address}:${nodePort}/sign-in`],
    ),
    ...(status.loadBalancer?.ingress ?? []).flatMap(({ ip }) =>
      ip === undefined ? [] : spec.ports.map(({ port }) => `http://${ip}:${port}/sign-in`),
    ),
  ]);
  const candidates: Serving[] = [
    ...pages.map((url) => ({ name: url, periodMs: PERIOD_MS, failure: () => failureOf(url) })),
    ...(backs ?? []).map(({ metadata: { name, namespace }, spec: { ports } }) => {
      const path = `/api/v1/namespaces/${namespace}/services/${name}:${ports[0]?.port}/proxy/ready`;
      return {
        name: `${profile}: ${path}`,
        periodMs: READY_PERIOD_MS,
        failure: () => failureBehind(profile, path, env),
      };
    }),
  ];
  const failures = await Promise.all(candidates.map((one) => one.failure()));
  return candidates.filter((_, index) => failures[index] === undefined);
}

async function servicesOf(
  profile: string,
  component: string,
  env: NodeJS.ProcessEnv,
): Promise<Service[]> {
  const selector = `app.kubernetes.io/part-of=todo-app,app.kubernetes.io/component=${component}`;
  const { code, stdout } = await tryRun(
    "kubectl",
    [
      ...["--context", profile, "get", "services", "--all-namespaces", KUBECTL_LIMIT],
      ...["--selector", selector, "--output", "json"],
    ],
    { env },
  );
  return code === 0 ? (JSON.parse(stdout) as { items: Service[] }).items : [];
}

/** Why a Service didn't answer through the API server; undefined where it did. */
async function failureBehind(
  profile: string,
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const limit = `--request-timeout=${REQUEST_LIMIT_MS / 1000}s`;
  const args = ["--context", profile, "get", "--raw", path, limit];
  const { code, stderr } = await tryRun("kubectl", args, { env });
  return code === 0 ? undefined : stderr.trim();
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
