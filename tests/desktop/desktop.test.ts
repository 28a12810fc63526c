/** Two stacks on an engine whose networks don't exist on this machine, as with Docker Desktop, on macOS and on WSL. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { parse, stringify } from "yaml";
import { ROOT } from "../../cli/session/workspace";
import { run, tryRun } from "../../common/run";
import { readProfile } from "../../components/minikube/profile";
import { databaseName } from "../../components/names";
import { ensureTools } from "../../tools";
import { ensureBrowser } from "../../tools/browser";
import { answer, newUser } from "../cluster/support/client";
import { eventually } from "../cluster/support/namespace";
import { TestStack } from "../run/test-stack";
import { Company } from "./support/company";
import { DesktopEngine } from "./support/engine";

const MINUTE = 60_000;
jest.setTimeout(25 * MINUTE);

const PROFILE = "todo-desktop";
const DATA = process.env.DESKTOP_ENGINE_DATA || "/var/tmp/todo-app-desktop-engine";
/** What a stack is built from, and what a Minikube node is made of where no registry is reached. */
const IMAGES =
  /^(python:3|node:22|postgres:15|debian:bookworm|registry\.k8s\.io\/|gcr\.io\/k8s-minikube\/|todo-app\/minikube-node)/;
const ALLOWED = ["allowLocalDatabase", "allowOfflineModel", "allowGeneratedSecrets"];
const SMALL = { requests: { cpu: "50m", memory: "128Mi" } };

const environment = { ...process.env };
let engine: DesktopEngine;
let dev: TestStack;
let staging: TestStack;
let url: string;

/** Whether something answers at an address of this machine, or of the engine's networks. */
async function answers(address: string): Promise<boolean> {
  const signal = AbortSignal.timeout(3_000);
  return fetch(`${address}/api/health`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function config(values: Readonly<Record<string, unknown>>): string {
  const own = { minikubeProfile: PROFILE, backendResources: SMALL, frontendResources: SMALL };
  const prefixed = Object.entries({ ...own, ...values }).map(([key, value]) => [
    key.includes(":") ? key : `todo-app:${key}`,
    value,
  ]);
  return stringify({ config: Object.fromEntries(prefixed) });
}

beforeAll(async () => {
  engine = await DesktopEngine.start(DATA);
  const { env } = await ensureTools();
  await engine.copyImages(IMAGES, env);
  const home = join(DATA, "home");
  mkdirSync(home, { recursive: true });
  const own = { MINIKUBE_HOME: home, KUBECONFIG: join(home, "kubeconfig") };
  Object.assign(process.env, { ...engine.variables, ...own, PATH: env.PATH });
  // What an interrupted run has left.
  await tryRun("minikube", ["delete", "--profile", PROFILE]);
  for (const name of ["desktop", "desktop-staging"].map(databaseName)) {
    await tryRun("docker", ["rm", "--force", name]);
    await tryRun("docker", ["volume", "rm", name]);
  }
  dev = await TestStack.make({
    ...{ name: "desktop", namespace: "todo-app", context: PROFILE },
    config: config({ localDatabasePort: 55_461 }),
  });
  const committed = parse(readFileSync(join(ROOT, "Pulumi.staging.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  staging = await TestStack.make({
    ...{ name: "desktop-staging", namespace: "todo-app-staging", context: PROFILE },
    config: config({
      ...committed.config,
      "todo-app:localDatabasePort": 55_462,
      ...{ "todo-app:backendResources": SMALL, "todo-app:frontendResources": SMALL },
      ...Object.fromEntries(ALLOWED.map((key) => [`todo-app:${key}`, true])),
    }),
  });
});
afterAll(async () => {
  await tryRun("minikube", ["delete", "--profile", PROFILE]);
  await engine?.stop();
  process.env = environment;
  dev?.forget();
  staging?.forget();
});

it("up prints a URL of this machine that answers, where the node itself can't be reached", async () => {
  const { code, stdout, stderr } = await dev.up();
  expect([code, stderr.includes("can't be reached")]).toEqual([0, false]);
  url = stdout.trim().split("\n").at(-1) ?? "";
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect(await answers(url)).toBe(true);
  const node = readProfile(PROFILE);
  expect(await answers(`http://${node?.ip}:30000`)).toBe(false);
});

it("nothing is published anywhere but on loopback", async () => {
  const published = await run("docker", ["ps", "--format", "{{.Ports}}"]);
  const addresses = [...published.matchAll(/(\S+?):[\d-]+->/g)].map(([, address]) => address);
  expect(new Set(addresses)).toEqual(new Set(["127.0.0.1"]));
});

it("preview, doctor and logs work there", async () => {
  const preview = await dev.npm("preview");
  expect([preview.code, preview.stdout.trim()]).toEqual([0, "no changes"]);
  const doctor = await dev.npm("doctor");
  expect(doctor.stdout).toContain(`✓ URL: ${url} answers`);
  expect(doctor.code).toBe(0);
  expect((await dev.npm("logs", "--component", "backend")).stdout).toContain("todo-app-backend");
});

it("people sign up and chat in a browser", async () => {
  const browser = await chromium.launch({
    ...{ executablePath: await ensureBrowser(), args: ["--no-sandbox", "--disable-gpu"] },
  });
  try {
    const page = await browser.newPage({ baseURL: url });
    page.setDefaultTimeout(MINUTE);
    await page.goto("/sign-up");
    await page.getByTestId("name").fill("Ada");
    await page.getByTestId("email").fill(`ada-${Date.now()}@example.com`);
    await page.getByTestId("password").fill("correct horse battery");
    await page.getByTestId("submit").click();
    await page.waitForURL("**/chat");
    await page.getByTestId("chat-input").fill("add buy milk");
    await page.getByTestId("chat-send").click();
    await page.getByTestId("message-assistant").getByText("buy milk").first().waitFor();
  } finally {
    await browser.close();
  }
});

it("rollback brings back what was there before", async () => {
  const level = (): Promise<string> =>
    run("kubectl", [
      ...["--context", PROFILE, "--namespace", "todo-app", "get", "configmap", "todo-app-config"],
      ...["--output", "jsonpath={.data.LOG_LEVEL}"],
    ]);
  dev.configure({ logLevel: "debug" });
  expect((await dev.npm("up")).code).toBe(0);
  expect(await level()).toBe("debug");
  expect((await dev.npm("rollback")).code).toBe(0);
  expect(await level()).toBe("info");
  expect(await answers(url)).toBe(true);
});

it("pods reach the model by the company's proxy, and trust its authority", async () => {
  const company = await Company.open(engine.thisMachine);
  dev.configure({
    ...{ httpsProxy: company.proxy, caCertificates: company.authority },
    ...{ llmProvider: "openai-compatible", llmModel: "own", llmBaseUrl: company.model },
  });
  expect((await dev.npm("up")).code).toBe(0);
  const user = await newUser(url);
  expect(answer(await user.chat("hello"))).toContain(company.answer);
  expect(new Set(company.asked)).toEqual(new Set(["models.corp.example:443"]));
  await company.close();
});

describe("staging, behind a tunnel that goes by SSH", () => {
  let tunnel: ChildProcess;

  beforeAll(() => {
    const args = ["tunnel", "--profile", PROFILE];
    tunnel = spawn("minikube", args, { stdio: "ignore", env: process.env });
  });
  afterAll(() => void tunnel.kill("SIGINT"));

  it("is deployed at an address of this machine, where people sign up and chat", async () => {
    const result = await staging.up();
    const address = result.stdout.trim().split("\n").at(-1) ?? "";
    expect([result.code, address]).toEqual([0, "http://127.0.0.1:3000"]);
    const user = await newUser(address);
    expect(answer(await user.chat("add buy milk"))).toContain("buy milk");
    // The other stack knows nothing of it, and goes on.
    expect(await (await newUser(url)).tasks()).toEqual([]);
    expect((await staging.npm("doctor")).stdout).toContain("✓ tunnel: runs, by SSH to 127.0.0.1");
  });

  it("asks for a tunnel where there is none", async () => {
    tunnel.kill("SIGINT");
    await eventually(30, async () => !(await answers("http://127.0.0.1:3000")), "its end");
    const refused = await staging.npm("up");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/no tunnel runs[\s\S]*minikube tunnel -p todo-desktop/);
  });
});

it("destroy takes everything away", async () => {
  expect(await staging.remove()).toBe(true);
  expect(await dev.remove()).toBe(true);
  expect(await run("docker", ["ps", "--format", "{{.Names}}"])).toBe(PROFILE);
});
