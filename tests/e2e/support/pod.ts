import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Long enough for a machine that does much else. */
const START_LIMIT_MS = 180_000;

export type Environment = Readonly<Record<string, string>>;

export interface Container {
  name: string;
  env?: { name: string; value?: string }[];
  ports?: { containerPort: number }[];
  [setting: string]: unknown;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string }[];
  [setting: string]: unknown;
}

/** A pod of the tests' own, which no Service knows. */
export interface Pod {
  /** Where its port is reached from here, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

/** Pods beside those of a release, by the kubectl for its namespace. */
export class Pods {
  private readonly program: string;
  private readonly target: readonly string[];

  constructor([program = "", ...target]: readonly string[]) {
    this.program = program;
    this.target = target;
  }

  /** What a Deployment's pods are made by. */
  async specOf(deployment: string): Promise<PodSpec> {
    const { stdout } = await this.control("get", "deployment", deployment, "--output", "json");
    return (JSON.parse(stdout) as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
  }

  /** Starts one; resolves once it is ready and `port` can be reached from here. */
  async start(spec: PodSpec, port: number): Promise<Pod> {
    const name = `front-end-of-tests-${randomUUID().slice(0, 8)}`;
    let forwarding: ChildProcess | undefined;
    const stop = async (): Promise<void> => {
      forwarding?.kill();
      await this.control("delete", "pod", name, "--ignore-not-found", "--grace-period=1");
    };
    const creation = this.control("create", "--filename", "-");
    creation.child.stdin?.end(
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec }),
    );
    try {
      await creation;
      const limit = `--timeout=${START_LIMIT_MS}ms`;
      await this.control("wait", `pod/${name}`, "--for=condition=Ready", limit);
      forwarding = spawn(
        this.program,
        [...this.target, "port-forward", `pod/${name}`, `:${port}`],
        {
          stdio: ["ignore", "pipe", "ignore"],
        },
      );
      const [line] = (await once(forwarding.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
      const local = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1];
      if (!local) throw new Error(`kubectl port-forward said: ${line.toString()}`);
      return { url: `http://127.0.0.1:${local}`, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  private control(...args: string[]) {
    return run(this.program, [...this.target, ...args], { timeout: START_LIMIT_MS });
  }
}

/** A container with other values of some variables. */
export function withEnvironment(container: Container, environment: Environment): Container {
  return {
    ...container,
    env: [
      ...(container.env ?? []).filter(({ name }) => !(name in environment)),
      ...Object.entries(environment).map(([name, value]) => ({ name, value })),
    ],
  };
}
