import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { promisify } from "node:util";
import { freePort } from "../../support/free-port";
import { settings } from "./settings";

const run = promisify(execFile);
const START_LIMIT_MS = 90_000;
const DEPLOYMENT = "todo-app-frontend";

type Environment = Readonly<Record<string, string>>;

/** One more front end of the release under test, beside the one that people use. */
export interface FrontEnd {
  /** Without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

/** Whether the runner lets tests start front ends. */
export const canStartFrontEnd = settings.kubectl !== null || settings.runFrontEnd !== null;

/** Starts one with the release's settings, but for those in `changes`; resolves when it serves. */
export async function startFrontEnd(changes: Environment): Promise<FrontEnd> {
  const environment = { TRUSTED_ORIGINS: "http://127.0.0.1:*", ...changes };
  if (settings.kubectl) return inCluster(settings.kubectl, environment);
  if (settings.runFrontEnd) return onThisMachine(settings.runFrontEnd, environment);
  throw new Error("the runner gave no way to start a front end");
}

interface Container {
  env?: { name: string; value?: string }[];
  ports?: { containerPort: number }[];
}

/** A pod like those of the release, which its Service doesn't know. */
async function inCluster(
  [kubectl = "", ...target]: readonly string[],
  environment: Environment,
): Promise<FrontEnd> {
  const control = (...args: string[]) =>
    run(kubectl, [...target, ...args], { timeout: START_LIMIT_MS });
  const deployment = JSON.parse(
    (await control("get", "deployment", DEPLOYMENT, "--output", "json")).stdout,
  ) as { spec: { template: { spec: { containers: Container[] } } } };
  const { spec } = deployment.spec.template;
  const [container] = spec.containers;
  if (!container) throw new Error(`${DEPLOYMENT} has no container`);
  container.env = [
    ...(container.env ?? []).filter(({ name }) => !(name in environment)),
    ...Object.entries(environment).map(([name, value]) => ({ name, value })),
  ];

  const name = `front-end-of-tests-${randomUUID().slice(0, 8)}`;
  const remove = () => control("delete", "pod", name, "--ignore-not-found", "--grace-period=1");
  let forwarding: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    forwarding?.kill();
    await remove();
  };
  const creation = control("create", "--filename", "-");
  creation.child.stdin?.end(
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec }),
  );
  try {
    await creation;
    await control("wait", `pod/${name}`, "--for=condition=Ready", `--timeout=${START_LIMIT_MS}ms`);
    const port = container.ports?.[0]?.containerPort ?? 3000;
    forwarding = spawn(kubectl, [...target, "port-forward", `pod/${name}`, `:${port}`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(forwarding.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    const local = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1];
    if (!local) throw new Error(`kubectl port-forward said: ${line.toString()}`);
    return { url: `http://127.0.0.1:${local}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function onThisMachine(
  [program = "", ...args]: readonly string[],
  environment: Environment,
): Promise<FrontEnd> {
  const port = await freePort();
  const server = spawn(program, args, {
    env: { ...process.env, ...environment, PORT: String(port) },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill();
    await once(server, "exit");
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const health = await fetch(`${url}/api/health`).catch(() => undefined);
    if (health?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${program} didn't serve within ${START_LIMIT_MS / 1000} s`);
}
