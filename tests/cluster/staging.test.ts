/**
 * The staging stack as it is committed, beside the one for development, behind a real tunnel. Its state is in
 * PostgreSQL, where two people's clones find it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ROOT } from "../../cli/session/workspace";
import { messageOf } from "../../common/errors";
import { freePort } from "../../common/free-port";
import { TestStack } from "../run/test-stack";
import { TESTS_PROFILE } from "../support/profile";
import { newUser } from "./support/client";
import { figure, timed } from "./support/figures";
import { eventually, Namespace } from "./support/namespace";
import { required } from "./support/required";
import { Sandbox } from "./support/sandbox";

jest.setTimeout(6 * 60_000);

const STACK = "test-staging";
const NAMESPACE = "todo-app-test-staging";
/** Small requests, as the tests' node is small; everything else is the committed file's. */
const OWN = {
  "todo-app:minikubeProfile": TESTS_PROFILE,
  "todo-app:namespace": NAMESPACE,
  "todo-app:localDatabasePort": 55_440,
};
const REQUESTS = { requests: { cpu: "50m", memory: "128Mi" } };
const ALLOWED = {
  "todo-app:allowLocalDatabase": true,
  "todo-app:allowOfflineModel": true,
  "todo-app:allowGeneratedSecrets": true,
};

/** Of `rollback --list --json`. */
interface Version {
  configChanged: string[];
}

interface StackFile {
  config: Record<string, unknown>;
}

function configuration(more: object): string {
  const committed = parse(readFileSync(join(ROOT, "Pulumi.staging.yaml"), "utf8")) as StackFile;
  const config: Record<string, unknown> = { ...committed.config, ...OWN, ...more };
  for (const key of ["todo-app:backendResources", "todo-app:frontendResources"]) {
    config[key] = { ...(config[key] as object), ...REQUESTS };
  }
  return stringify({ config });
}

/** Runs a tunnel until its standard input ends, as it does with this process, however that ends. */
const UNTIL_CLOSED = `exec 3<&0; (cat <&3; kill -INT $$) & exec minikube tunnel --profile ${TESTS_PROFILE} 3<&- </dev/null`;

const SAID_CHARACTERS = 2000;

/** A real tunnel, in a terminal of its own, so to speak. */
class Tunnel {
  private process: ChildProcess | undefined;
  /** The last that it said. */
  private said = "";

  /** What became of it, for a test that waits for it in vain. */
  get story(): string {
    const { exitCode, signalCode } = this.process ?? {};
    return `the tunnel ${exitCode ?? signalCode ?? "runs"}: ${this.said}`;
  }

  start(): void {
    this.said = "";
    this.process = spawn("sh", ["-c", UNTIL_CLOSED], { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (piece: Buffer) => {
        this.said = `${this.said}${piece.toString()}`.slice(-SAID_CHARACTERS);
      });
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    const { process: running } = this;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.stdin?.end();
    await ended;
  }
}

describe("the staging stack", () => {
  const tunnel = new Tunnel();
  const namespace = new Namespace(NAMESPACE);
  const sandbox = new Sandbox(`todo-state-${process.pid}`);
  let stack: TestStack;
  let colleague: TestStack;
  let url: string;

  const answers = async (address: string): Promise<boolean> =>
    (
      await fetch(`${address}/api/health`, { signal: AbortSignal.timeout(2000) }).catch(
        () => undefined,
      )
    )?.ok === true;

  beforeAll(async () => {
    const port = await freePort();
    const password = randomBytes(18).toString("hex");
    await sandbox.open();
    await sandbox.startPostgres("state", {
      ...{ database: "state", password },
      flags: ["--publish", `127.0.0.1:${port}:5432`],
    });
    const shared = {
      ...{ name: STACK, namespace: NAMESPACE, config: configuration(ALLOWED) },
      state: {
        PULUMI_BACKEND_URL: `postgres://todo:${password}@127.0.0.1:${port}/state?sslmode=disable`,
        PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("hex"),
      },
    };
    [stack, colleague] = [await TestStack.make(shared), await TestStack.make(shared)];
    await stack.clear();
  });
  afterAll(async () => {
    const clean = await stack.remove();
    colleague.forget();
    await tunnel.stop();
    await sandbox.remove();
    expect(clean).toBe(true);
  });

  it("refuses what only suits a laptop, all of it at once (FR-063)", async () => {
    const bare = await TestStack.make({
      name: "test-bare",
      namespace: "todo-app-test-bare",
      config: configuration({ "todo-app:namespace": "todo-app-test-bare" }),
    });
    const refused = await bare.npm("up").finally(() => rmSync(bare.folder, { recursive: true }));
    expect(refused.code).not.toBe(0);
    for (const key of ["databaseUrl", "llmProvider", "jwtSecret", "betterAuthSecret"]) {
      expect(refused.stderr).toContain(key);
    }
  });

  it("is not deployed without a tunnel, which it asks for (story 2.3)", async () => {
    const refused = await stack.npm("up");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/no tunnel runs[\s\S]*minikube tunnel -p todo-app-tests/);
    expect(await namespace.try(["get", "namespace", NAMESPACE])).toMatchObject({ code: 1 });
  });

  it("runs beside the other, two pods of each service, at its LoadBalancer's address (story 2.3, story 3.4, FR-020)", async () => {
    const other = required("E2E_BASE_URL");
    tunnel.start();
    const deployed = await eventually(60, async () => {
      const result = await timed(() => stack.up());
      return result.result.stderr.includes("no tunnel runs") ? undefined : result;
    });
    expect(deployed.result.code).toBe(0);
    figure("SC-004", "up of the staging stack beside the other", deployed.seconds, "s");
    url = deployed.result.stdout.trim().split("\n").at(-1) ?? "";
    expect(url).toMatch(/^http:\/\/10\.96\.0\.\d+:3000$/);
    const user = await newUser(url);
    await user.chat("add buy milk");
    expect(await user.tasks()).toHaveLength(1);
    for (const component of ["backend", "frontend"]) {
      const pods = await namespace.pods(component);
      expect(pods).toHaveLength(2);
      for (const { spec } of pods) {
        expect(spec.containers[0]?.resources.limits).toEqual({ cpu: "1", memory: "768Mi" });
      }
    }
    // The other one is another world: it has no such user.
    expect(await answers(other)).toBe(true);
    await expect(
      (async () => {
        const stranger = await newUser(other);
        return stranger.tasks();
      })(),
    ).resolves.toEqual([]);
  });

  it("previews nothing afterwards", async () => {
    const same = await stack.npm("preview");
    expect([same.code, same.stdout.trim()]).toEqual([0, "no changes"]);
  });

  it("is the same stack from a colleague's clone, whose update the first one sees and takes back (story 5.1, SC-005)", async () => {
    // What the first one has committed by now.
    const file = `Pulumi.${STACK}.yaml`;
    copyFileSync(join(stack.folder, file), join(colleague.folder, file));
    const same = await colleague.npm("preview");
    expect([same.code, same.stdout.trim()]).toEqual([0, "no changes"]);
    colleague.configure({ logLevel: "warning" });
    expect(await colleague.up()).toMatchObject({ code: 0 });

    const list = async (clone: TestStack): Promise<Version[]> =>
      JSON.parse((await clone.npm("rollback", "--list", "--json")).stdout) as Version[];
    const versions = await list(stack);
    expect(versions.map(({ configChanged }) => configChanged)).toEqual([[], ["logLevel"]]);
    expect(await list(colleague)).toEqual(versions);

    const level = (): Promise<string> =>
      namespace.kubectl(["get", "configmap", "--output=jsonpath={.items[*].data.LOG_LEVEL}"]);
    expect(await level()).toContain("warning");
    expect(await stack.npm("rollback")).toMatchObject({ code: 0 });
    expect(await level()).not.toContain("warning");
    expect(await answers(url)).toBe(true);
  });

  it("loses its address with the tunnel, says so, and has it back with the next one (edge case: tunnel interrupted)", async () => {
    await tunnel.stop();
    await eventually(30, async () => !(await answers(url)), "the address to be gone");
    const doctor = await stack.npm("doctor");
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(
      /✗ tunnel: doesn't run\n\s+remedy: .*minikube tunnel -p todo-app-tests/,
    );
    // Inside the cluster nothing has happened.
    for (const count of Object.values(await namespace.readyAddresses())) expect(count).toBe(2);
    tunnel.start();
    const { seconds } = await timed(() =>
      eventually(60, () => answers(url), "the address to be back"),
    ).catch((error) => {
      throw new Error(`${messageOf(error)}; ${tunnel.story}`);
    });
    figure("edge case: tunnel interrupted", "new tunnel to serving again", seconds, "s");
  });
});
