import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../../common/free-port";

/** Long enough for a machine that does much else. */
const START_LIMIT_MS = 180_000;

/** A server on this machine. */
export interface ServerProcess {
  /** Without a trailing slash. */
  url: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts a server that listens on PORT until it is ended by SIGTERM.
 * @param health its path that answers 2xx once it serves
 */
export async function startServer(
  [program = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
  health: string,
): Promise<ServerProcess> {
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
    const answer = await fetch(`${url}${health}`).catch(() => undefined);
    if (answer?.ok) return { url, port, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${program} didn't serve within ${START_LIMIT_MS / 1000} s`);
}
