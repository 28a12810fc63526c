import { type Environment, Pods, withEnvironment } from "./pod";
import { startServer } from "./server-process";
import { settings } from "./settings";

/** One more front end of the release under test, beside the one that people use. */
export interface FrontEnd {
  /** Without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

/** Whether the runner lets tests start front ends. */
export const canStartFrontEnd = settings.kubectl !== null || settings.runFrontEnd !== null;

/** What a front end that is reached at any port of this machine needs. */
export const LOCAL_ORIGINS: Environment = { TRUSTED_ORIGINS: "http://127.0.0.1:*" };

/** Starts one with the release's settings, but for those in `changes`; resolves when it serves. */
export async function startFrontEnd(changes: Environment): Promise<FrontEnd> {
  const environment = { ...LOCAL_ORIGINS, ...changes };
  if (settings.kubectl) {
    const pods = new Pods(settings.kubectl);
    const spec = await pods.specOf("todo-app-frontend");
    const [container] = spec.containers;
    if (!container) throw new Error("the front end has no container");
    const containers = [withEnvironment(container, environment)];
    return pods.start({ ...spec, containers }, container.ports?.[0]?.containerPort ?? 3000);
  }
  if (settings.runFrontEnd) return startServer(settings.runFrontEnd, environment, "/api/health");
  throw new Error("the runner gave no way to start a front end");
}
