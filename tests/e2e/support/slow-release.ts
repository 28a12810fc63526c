import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FrontEnd, LOCAL_ORIGINS } from "./front-end";
import { type Container, type Environment, type PodSpec, Pods, withEnvironment } from "./pod";
import { type ServerProcess, startServer } from "./server-process";
import { settings } from "./settings";
import { test as base } from "./test";

const SCRIPT = join(__dirname, "slow-model.cjs");
const MODEL_PORT = 9100;
const START_LIMIT_MS = 400_000;

/** Whether the runner lets tests start front ends and back ends. */
export const canStartSlowRelease =
  settings.kubectl !== null || (settings.runFrontEnd !== null && settings.runBackend !== null);

function backendEnvironment(modelPort: number): Environment {
  return {
    LLM_PROVIDER: "openai-compatible",
    LLM_MODEL: "slow",
    OPENAI_BASE_URL: `http://127.0.0.1:${modelPort}/v1`,
    OPENAI_API_KEY: "none",
  };
}

/**
 * A front end and a back end with the release's settings and database, whose model is slow and says what
 * it is told (see slow-model.cjs): what happens while an answer comes can be looked at.
 */
async function startSlowRelease(): Promise<FrontEnd> {
  if (settings.kubectl) return inCluster(new Pods(settings.kubectl));
  if (settings.runFrontEnd && settings.runBackend) {
    return onThisMachine(settings.runFrontEnd, settings.runBackend);
  }
  throw new Error("the runner gave no way to start servers");
}

/** All three in one pod, so that they find each other on loopback. */
async function inCluster(pods: Pods): Promise<FrontEnd> {
  const [front, back] = await Promise.all([
    pods.specOf("todo-app-frontend"),
    pods.specOf("todo-app-backend"),
  ]);
  const frontEnd = firstOf(front);
  const backEnd = firstOf(back);
  const port = frontEnd.ports?.[0]?.containerPort ?? 3000;
  const backendPort = backEnd.ports?.[0]?.containerPort ?? 7860;
  const { image, imagePullPolicy, securityContext, resources } = frontEnd;
  const model: Container = {
    ...{ name: "model", image, imagePullPolicy, securityContext, resources },
    command: ["node", "--eval", readFileSync(SCRIPT, "utf8")],
    env: [{ name: "PORT", value: String(MODEL_PORT) }],
  };
  const BACKEND_URL = `http://127.0.0.1:${backendPort}`;
  const containers = [
    withEnvironment(frontEnd, { ...LOCAL_ORIGINS, BACKEND_URL }),
    withEnvironment(backEnd, backendEnvironment(MODEL_PORT)),
    model,
  ];
  const volumes = new Map(
    [...(back.volumes ?? []), ...(front.volumes ?? [])].map((volume) => [volume.name, volume]),
  );
  return pods.start({ ...front, containers, volumes: [...volumes.values()] }, port);
}

function firstOf({ containers: [container] }: PodSpec): Container {
  if (!container) throw new Error("a Deployment of the release has no container");
  return container;
}

async function onThisMachine(
  runFrontEnd: readonly string[],
  runBackend: readonly string[],
): Promise<FrontEnd> {
  const servers: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers.reverse()) await server.stop();
  };
  const start = async (...parameters: Parameters<typeof startServer>): Promise<ServerProcess> => {
    const server = await startServer(...parameters);
    servers.push(server);
    return server;
  };
  try {
    const model = await start([process.execPath, SCRIPT], {}, "/");
    const backEnd = await start(runBackend, backendEnvironment(model.port), "/ready");
    const environment = { ...LOCAL_ORIGINS, BACKEND_URL: backEnd.url };
    const { url } = await start(runFrontEnd, environment, "/api/health");
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Tests whose windows show such a release; it runs as long as they do. */
export const test = base.extend<object, { release: FrontEnd }>({
  release: [
    async ({}, use) => {
      const release = await startSlowRelease();
      await use(release);
      await release.stop();
    },
    { scope: "worker", timeout: START_LIMIT_MS },
  ],
  windowOptions: async ({ release }, use) => use({ baseURL: release.url }),
});
