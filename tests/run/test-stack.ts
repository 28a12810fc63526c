import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { ROOT } from "../../cli/session/workspace";
import { say, step } from "../../common/progress";
import { run, tryRun } from "../../common/run";
import { databaseName, PROJECT } from "../../components/names";
import { ensureTools } from "../../tools";
import { firstFreePort } from "../support/free-port";
import { TESTS_NODE_PORT, TESTS_PROFILE } from "../support/profile";

const STATE_VARIABLES = [
  "PULUMI_BACKEND_URL",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
] as const;
/** Of the stack's database, on loopback. */
const CHART_DATABASE = "chart_tests";

/** A stack of the tests' own. */
export interface TestStackOptions {
  /** Name of the stack. */
  name: string;
  namespace: string;
  /** Context of its cluster, the tests' own unless said. */
  context?: string;
  /** Content of its Pulumi.NAME.yaml. Where its localDatabasePort is taken, the next free one takes its place. */
  config: string;
  /** Where its state is and what opens it; the copy's own folder unless said. */
  state?: Readonly<Partial<Record<(typeof STATE_VARIABLES)[number], string>>>;
}

/** Requests are small, so that the tests' pods fit beside the user's; the limits stay. */
const MAIN: TestStackOptions = {
  name: "test",
  namespace: "todo-app-test",
  config: `config:
  todo-app:minikubeProfile: ${TESTS_PROFILE}
  todo-app:namespace: todo-app-test
  todo-app:nodePort: ${TESTS_NODE_PORT}
  todo-app:localDatabasePort: 55439
  todo-app:backendResources:
    requests: { cpu: 50m, memory: 128Mi }
  todo-app:frontendResources:
    requests: { cpu: 50m, memory: 128Mi }
`,
};

/**
 * A stack of the tests' own in a copy of the project: tests may edit any file of it, and the user's
 * files, state and stacks are never touched.
 */
export class TestStack {
  private constructor(
    /** Folder of the copy. */
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly options: TestStackOptions,
  ) {}

  /** Copies what git would commit, changed and new files included. */
  static async make(options: TestStackOptions = MAIN): Promise<TestStack> {
    const folder = mkdtempSync(join(tmpdir(), `todo-app-${options.name}-`));
    const listed = await run(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      { cwd: ROOT },
    );
    for (const file of listed.split("\0").filter(Boolean)) {
      try {
        cpSync(join(ROOT, file), join(folder, file), { recursive: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // deleted, not committed yet
      }
    }
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, `Pulumi.${options.name}.yaml`), options.config);
    const stack = await TestStack.at(folder, options);
    if (stack.databasePort !== undefined)
      stack.configure({ localDatabasePort: await firstFreePort(stack.databasePort) });
    return stack;
  }

  /** The stack of a copy that was made before. */
  static async at(folder: string, options: TestStackOptions = MAIN): Promise<TestStack> {
    const env = { ...(await ensureTools()).env };
    for (const name of STATE_VARIABLES) delete env[name]; // they may name the user's state
    return new TestStack(folder, { ...env, ...options.state }, options);
  }

  /** Where its local database is published on this machine's loopback; undefined where the program chooses. */
  private get databasePort(): number | undefined {
    const port = this.document.getIn(["config", `${PROJECT}:localDatabasePort`]);
    return port === undefined ? undefined : Number(port);
  }

  private get document(): Document {
    return parseDocument(readFileSync(this.file, "utf8"));
  }

  private get file(): string {
    return join(this.folder, `Pulumi.${this.options.name}.yaml`);
  }

  /** Runs the real `npm run up`; what an interrupted run has left of the stack is taken away first. */
  async up(): ReturnType<typeof tryRun> {
    const first = await this.npm("up");
    if (!first.stderr.includes(`namespace ${this.options.namespace} is there already`))
      return first;
    await step("what an interrupted run has left goes", () => this.clear());
    return this.npm("up");
  }

  /**
   * Takes away what an interrupted run has left of a stack of this name: its state went with that
   * run's copy, and no clone takes over what it hasn't made.
   */
  async clear(): Promise<void> {
    const { name, namespace, context = TESTS_PROFILE } = this.options;
    const kubectl = ["--context", context, "delete", "namespace", namespace, "--ignore-not-found"];
    await run("kubectl", kubectl, { env: this.env });
    const database = databaseName(name);
    await tryRun("docker", ["rm", "--force", database], { env: this.env });
    await tryRun("docker", ["volume", "rm", database], { env: this.env });
  }

  /** Runs one of the project's commands on the stack, as a user would. */
  npm(script: string, ...flags: string[]): ReturnType<typeof tryRun> {
    const args = ["common/start.cjs", `cli/commands/${script}.ts`];
    const onLine = script === "env" ? {} : { onLine: say };
    return tryRun(process.execPath, [...args, "--stack", this.options.name, ...flags], {
      cwd: this.folder,
      env: this.env,
      ...onLine,
    });
  }

  /** Sets values of the stack's configuration, without the project's prefix. */
  configure(values: Readonly<Record<string, unknown>>): void {
    const { document } = this;
    for (const [key, value] of Object.entries(values))
      document.setIn(["config", `${PROJECT}:${key}`], value);
    writeFileSync(this.file, document.toString());
  }

  /** What the tests on the cluster need to know. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const outputs = await this.outputs();
    const target = ["kubectl", "--context", TESTS_PROFILE, "--namespace", this.options.namespace];
    const backend = "deployment/todo-app-backend";
    return {
      ...this.env,
      TEST_STACK_FOLDER: this.folder,
      E2E_BASE_URL: outputs.url,
      E2E_KUBECTL: JSON.stringify(target),
      E2E_BACKEND_STOP_CMD: JSON.stringify([
        ...["sh", "-c"],
        `${target.join(" ")} scale ${backend} --replicas=0 && ${target.join(" ")} wait --for=delete pod --selector component=backend --timeout=60s`,
      ]),
      E2E_BACKEND_START_CMD: JSON.stringify([
        ...["sh", "-c"],
        `${target.join(" ")} scale ${backend} --replicas=1 && ${target.join(" ")} rollout status ${backend} --timeout=90s`,
      ]),
      CHART_TEST_CONTEXT: TESTS_PROFILE,
      CHART_TEST_BACKEND_IMAGE: outputs.backendImage,
      CHART_TEST_FRONTEND_IMAGE: outputs.frontendImage,
      CHART_TEST_DATABASE_URL: await this.chartDatabase(),
      TEST_DATABASE_PORT: String(this.databasePort),
      TEST_DATABASE_CONTAINER: databaseName(this.options.name),
    };
  }

  /** Destroys the stack with its data; tells whether nothing is left. */
  async remove(): Promise<boolean> {
    const result = await this.npm("destroy", "--delete-data", "--forget-stack");
    const namespace = await tryRun(
      "kubectl",
      [
        "--context",
        this.options.context ?? TESTS_PROFILE,
        "get",
        "namespace",
        this.options.namespace,
        "--ignore-not-found",
        "--output",
        "name",
      ],
      { env: this.env },
    );
    const database = databaseName(this.options.name);
    const container = await tryRun("docker", ["container", "inspect", database], { env: this.env });
    const volume = await tryRun("docker", ["volume", "inspect", database], { env: this.env });
    const left = [
      ...(namespace.stdout.trim() === "" ? [] : [`namespace ${this.options.namespace}`]),
      ...(container.code === 0 ? [`container ${database}`] : []),
      ...(volume.code === 0 ? [`volume ${database}`] : []),
    ];
    for (const thing of left) say(`✗ ${thing} is left`);
    if (result.code !== 0 || left.length > 0) return false;
    this.forget();
    return true;
  }

  /** The copy is gone afterwards. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async outputs(): Promise<Record<"url" | "backendImage" | "frontendImage", string>> {
    const { stdout } = await this.npm("env");
    const exports = Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
    ) as NodeJS.ProcessEnv;
    const text = await run("pulumi", ["stack", "output", "--json", "--stack", this.options.name], {
      cwd: this.folder,
      env: { ...this.env, ...exports },
    });
    return JSON.parse(text) as Record<"url" | "backendImage" | "frontendImage", string>;
  }

  /** A database for the chart's own tests, beside that of the stack: they migrate it themselves. */
  private async chartDatabase(): Promise<string> {
    await tryRun(
      "docker",
      ["exec", databaseName(this.options.name), "createdb", "--username", "todo", CHART_DATABASE],
      { env: this.env },
    );
    const name = databaseName(this.options.name);
    const password = await run("docker", ["exec", name, "printenv", "POSTGRES_PASSWORD"], {
      env: this.env,
    });
    return `postgresql://todo:${password}@${name}:5432/${CHART_DATABASE}`;
  }
}
