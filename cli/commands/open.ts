import { spawn } from "node:child_process";
import { UserError } from "../../common/errors";
import { isPortFree } from "../../common/ports";
import { say } from "../../common/progress";
import { CommandError } from "../../common/run";
import { ENDING_SIGNALS } from "../../common/signals";
import { forwardedPort, localOrigins } from "../../components/access/target";
import { FRONTEND } from "../../components/names";
import { main } from "../main";
import { openBrowser } from "../session/browser";
import { whyNotReached } from "../session/reach";
import { openSession, type Session } from "../session/session";
import { requireCluster } from "../update/preflight";

const FORWARD_STARTS_MS = 10_000;
/** How Pulumi says that a stack has no outputs, or isn't there. */
const NOT_DEPLOYED = /does not have output property|no stack named/;

main(
  "open",
  "Opens the stack in the browser; forwards it to this machine first where it can't be reached, until Ctrl-C.",
  { "no-browser": { type: "boolean", help: "only print the address" } },
  async (invocation) => {
    const session = await openSession(invocation.stack);
    const url = await urlOf(session);
    const show = (address: string): void => {
      process.stdout.write(`${address}\n`);
      if (!invocation.flag("no-browser")) openBrowser(address);
    };
    const reason = await whyNotReached(url);
    if (reason === undefined) {
      show(url);
      return 0;
    }
    say(`· ${url} can't be reached from this machine (${reason})`);
    return forward(session, show);
  },
);

/** @throws UserError where the stack has none, as before its first deployment */
async function urlOf({ pulumi, stack }: Session): Promise<string> {
  try {
    return await pulumi.output("url");
  } catch (error) {
    if (!(error instanceof CommandError) || !NOT_DEPLOYED.test(error.message)) throw error;
    throw new UserError({
      what: `stack "${stack}" isn't deployed`,
      why: "it has no address yet",
      next: "npm run up",
      cause: error,
    });
  }
}

/** Forwards the front end to loopback until a signal comes, or the cluster ends it. */
async function forward(
  { settings, cluster, tools, stack }: Session,
  show: (address: string) => void,
): Promise<number> {
  await requireCluster(settings, cluster);
  const port = forwardedPort(settings);
  const address = `http://localhost:${port}`;
  if (![...localOrigins(settings), ...settings.trustedOrigins].includes(address)) {
    say(
      `! signing in at ${address} is refused outside development: pulumi config set --path 'trustedOrigins[0]' ${address} --stack ${stack}, then npm run up`,
    );
  }
  if (!(await isPortFree(port, "127.0.0.1"))) {
    throw new UserError({
      what: `port ${port} of this machine is taken`,
      why: `the stack is forwarded to ${address}, where signing in is allowed`,
      next: "end what listens there, then run this again",
    });
  }
  const target = ["port-forward", `service/${FRONTEND}`, `${port}:3000`, "--address", "127.0.0.1"];
  const child = spawn("kubectl", [...cluster.arguments, ...target], {
    env: tools.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text: Buffer) => {
    said += text.toString();
  });
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 0));
  });
  const stop = (): void => void child.kill("SIGTERM");
  for (const signal of ENDING_SIGNALS) process.on(signal, stop);
  const failed = await Promise.race([
    whyNotReached(address, FORWARD_STARTS_MS),
    ended.then(() => said.trim() || "kubectl has ended"),
  ]);
  if (failed !== undefined) {
    stop();
    throw new UserError({
      what: `stack "${stack}" can't be forwarded`,
      why: failed,
      next: `npm run doctor -- --stack ${stack}`,
    });
  }
  show(address);
  say("· forwarded until Ctrl-C");
  return ended;
}
