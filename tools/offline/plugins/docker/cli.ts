import { type ChildProcess, spawn } from "node:child_process";
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { tryRun } from "../../../../common/run";

const KILL_AFTER_MS = 3_000;
const PING_TIMEOUT_MS = 10_000;

/** What to build, with every default applied. */
export interface BuildSpec {
  imageName: string;
  context: string;
  dockerfile: string;
  /** Build arguments; those in `secretArgs` never stand in a command line. */
  args: Record<string, string>;
  secretArgs: ReadonlySet<string>;
  target?: string;
  platform?: string;
  network?: string;
  addHosts: readonly string[];
  cacheFrom: readonly string[];
  buildKit: boolean;
}

/** Credentials for one registry, under the docker CLI's own key for it. */
export interface Credentials {
  key: string;
  username: string;
  password: string;
}

/** One docker command's surroundings. */
export interface Task {
  /** Ends the command, and all that it started, when aborted. */
  signal: AbortSignal;
  /** Called with each line the command prints. */
  onLine: (line: string) => void;
}

/** The docker operations that an image needs. */
export interface Docker {
  /** @throws Error "failed to connect to any docker daemon" */
  ping(): Promise<void>;
  /** @throws Error with the builder's own message where the build fails */
  build(spec: BuildSpec, task: Task): Promise<void>;
  /** The local image's ID, "sha256:…". */
  imageId(imageName: string): Promise<string>;
  pull(
    imageName: string,
    platform: string | undefined,
    credentials: Credentials | undefined,
    task: Task,
  ): Promise<void>;
  /** Pushes and gives the digest that the registry reported, "sha256:…". */
  push(imageName: string, credentials: Credentials | undefined, task: Task): Promise<string>;
}

/**
 * Docker by its command line, so that contexts, DOCKER_HOST and credential helpers are the user's.
 * It uses `docker` on PATH; for BuildKit, the first one there that can build with it.
 */
export class DockerCli implements Docker {
  private reachable: Promise<void> | undefined;
  private buildKitCli: Promise<string> | undefined;

  /**
   * @param env the environment of every docker command
   * @param killAfterMs how long a cancelled command may take to clean up before it is killed
   */
  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    private readonly killAfterMs = KILL_AFTER_MS,
  ) {}

  ping(): Promise<void> {
    this.reachable ??= this.pingOnce();
    return this.reachable;
  }

  async build(spec: BuildSpec, task: Task): Promise<void> {
    const cli = spec.buildKit ? await this.withBuildKit() : this.first();
    const env: NodeJS.ProcessEnv = { ...this.env, DOCKER_BUILDKIT: spec.buildKit ? "1" : "0" };
    const args = ["build", "--file", spec.dockerfile, "--tag", spec.imageName];
    if (spec.buildKit) args.push("--progress", "plain");
    for (const [name, value] of Object.entries(spec.args)) {
      if (spec.secretArgs.has(name)) {
        env[name] = value; // a name alone takes its value from the environment
        args.push("--build-arg", name);
      } else {
        args.push("--build-arg", `${name}=${value}`);
      }
    }
    if (spec.target) args.push("--target", spec.target);
    if (spec.platform) args.push("--platform", spec.platform);
    if (spec.network) args.push("--network", spec.network);
    for (const host of spec.addHosts) args.push("--add-host", host);
    for (const image of spec.cacheFrom) args.push("--cache-from", image);
    args.push(spec.context);
    await this.execute(cli, args, env, task);
  }

  async imageId(imageName: string): Promise<string> {
    const result = await tryRun(
      this.first(),
      ["image", "inspect", "--format", "{{.Id}}", imageName],
      { env: this.env },
    );
    if (result.code !== 0) throw new Error(failureOf(result.stderr, result.code));
    return result.stdout.trim();
  }

  async pull(
    imageName: string,
    platform: string | undefined,
    credentials: Credentials | undefined,
    task: Task,
  ): Promise<void> {
    const platformArgs = platform ? ["--platform", platform] : [];
    await this.signedIn(credentials, (env) =>
      this.execute(this.first(), ["pull", ...platformArgs, imageName], env, task),
    );
  }

  async push(imageName: string, credentials: Credentials | undefined, task: Task): Promise<string> {
    let digest: string | undefined;
    const onLine = (line: string): void => {
      digest = /\bdigest: (sha256:[0-9a-f]{64})\b/.exec(line)?.[1] ?? digest;
      task.onLine(line);
    };
    await this.signedIn(credentials, (env) =>
      this.execute(this.first(), ["push", imageName], env, { ...task, onLine }),
    );
    if (digest === undefined) throw new Error("the registry reported no digest");
    return digest;
  }

  private async pingOnce(): Promise<void> {
    const result = await tryRun(this.first(), ["version", "--format", "{{.Server.Version}}"], {
      env: this.env,
      timeoutMs: PING_TIMEOUT_MS,
    });
    if (result.code !== 0) throw new Error("failed to connect to any docker daemon");
  }

  private first(): string {
    const [cli] = onPath("docker", this.env);
    if (cli === undefined) {
      throw new Error(
        "no docker command on PATH: install the Docker CLI, or the real docker plugin",
      );
    }
    return cli;
  }

  private withBuildKit(): Promise<string> {
    this.buildKitCli ??= this.findBuildKit();
    return this.buildKitCli;
  }

  private async findBuildKit(): Promise<string> {
    const first = this.first();
    for (const cli of onPath("docker", this.env)) {
      const version = await tryRun(cli, ["--version"], { env: this.env });
      const major = Number(/version (\d+)\./.exec(version.stdout)?.[1]);
      // Since 23.0 the CLI itself has no BuildKit client: it leaves that to the buildx plugin.
      if (major >= 18 && major < 23) return cli;
      const buildx = await tryRun(cli, ["buildx", "version"], { env: this.env });
      if (buildx.code === 0) return cli;
    }
    throw new Error(
      `${first} cannot build with BuildKit: install its buildx plugin, or set builderVersion to BuilderV1`,
    );
  }

  /** Runs a docker command to its end; aborted, it first gets the time to tell the daemon. */
  private async execute(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    { signal, onLine }: Task,
  ): Promise<void> {
    if (signal.aborted) throw new Error("canceled");
    const child = spawn(command, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let killer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      child.kill("SIGTERM");
      killer = setTimeout(() => child.kill("SIGKILL"), this.killAfterMs);
    };
    signal.addEventListener("abort", abort, { once: true });
    const errors: string[] = [];
    try {
      const [code] = await Promise.all([
        ended(child),
        eachLine(child.stdout, onLine),
        eachLine(child.stderr, (line) => {
          errors.push(line);
          onLine(line);
        }),
      ]);
      if (signal.aborted) throw new Error("canceled");
      if (code !== 0) throw new Error(failureOf(errors.join("\n"), code));
    } finally {
      clearTimeout(killer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Runs `work` with a docker configuration that knows the credentials, gone afterwards. */
  private async signedIn(
    credentials: Credentials | undefined,
    work: (env: NodeJS.ProcessEnv) => Promise<void>,
  ): Promise<void> {
    if (credentials === undefined) return work(this.env);
    const original = this.env.DOCKER_CONFIG || join(this.env.HOME || homedir(), ".docker");
    const folder = mkdtempSync(join(tmpdir(), "docker-config-")); // mode 0700
    try {
      let config: DockerConfig = {};
      for (const entry of entriesOf(original)) {
        if (entry === "config.json") {
          config = JSON.parse(readFileSync(join(original, entry), "utf8")) as DockerConfig;
        } else {
          symlinkSync(resolve(original, entry), join(folder, entry));
        }
      }
      const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString(
        "base64",
      );
      const merged: DockerConfig = {
        ...config,
        auths: { ...config.auths, [credentials.key]: { auth } },
        // An empty helper makes the CLI look into `auths` for this registry, whatever credsStore says.
        credHelpers: { ...config.credHelpers, [credentials.key]: "" },
      };
      writeFileSync(join(folder, "config.json"), JSON.stringify(merged), { mode: 0o600 });
      await work({ ...this.env, DOCKER_CONFIG: folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The parts of ~/.docker/config.json that matter here; the rest is passed on. */
interface DockerConfig {
  auths?: Record<string, { auth?: string }>;
  credHelpers?: Record<string, string>;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a user without a docker configuration
  }
}

function onPath(command: string, env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, command))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done(code ?? 1));
  });
}

function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  return new Promise((done) => {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
      .on("line", (line) => {
        const text = line.trim();
        if (text !== "") onLine(text);
      })
      .on("close", done);
  });
}

/** The daemon's message in what a failed docker command printed: its last line, without the client's prefixes. */
export function failureOf(stderr: string, code: number): string {
  const last = stderr.trim().split("\n").pop()?.trim() ?? "";
  const message = last.replace(
    /^(?:(?:ERROR|Error response from daemon|failed to solve(?: with frontend \S+)?|failed to (?:build LLB|create LLB definition|read dockerfile)|rpc error: code = \w+ desc =):? ?)+/,
    "",
  );
  return message || `docker exited with code ${code}`;
}
