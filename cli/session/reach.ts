import { setTimeout as sleep } from "node:timers/promises";
import { Agent, fetch } from "undici";
import { messageOf } from "../../common/errors";
import { needsForwarding, readProfile } from "../../components/minikube/profile";
import type { Settings } from "../../components/settings/settings";
import { authorities } from "../../tools/download";

const ASK_TIMEOUT_MS = 3_000;
const PAUSE_MS = 500;
/** The front end's own health, which asks nobody else. */
const HEALTH = "/api/health";

/**
 * Asks a stack's URL from this machine, as a browser would.
 * @param patienceMs how long it may take until it answers: a tunnel needs some seconds for a new Service
 * @returns why it can't be reached; undefined where it answers
 */
export async function whyNotReached(url: string, patienceMs = 0): Promise<string | undefined> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const reason = await ask(url);
    if (reason === undefined || Date.now() >= deadline) return reason;
    await sleep(PAUSE_MS);
  }
}

async function ask(url: string): Promise<string | undefined> {
  // Never by a proxy; trusting what this machine trusts, as a browser does.
  const isSecure = url.startsWith("https:");
  const dispatcher = new Agent(isSecure ? { connect: { ca: authorities() } } : {});
  try {
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const response = await fetch(new URL(HEALTH, url), { signal, dispatcher });
    await response.body?.cancel();
    return response.ok ? undefined : `it answers ${response.status}`;
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return messageOf(cause ?? error) || "nothing answers";
  } finally {
    await dispatcher.destroy();
  }
}

/** That this machine doesn't reach the URL of a stack that serves, and what to do, in one line or two. */
export interface Unreached {
  found: string;
  remedy: string;
}

export function unreached(
  { delivery, service }: Settings,
  stack: string,
  url: string,
  reason: string,
): Unreached {
  const lines = [`npm run open -- --stack ${stack} forwards it`];
  const profile = delivery.kind === "minikube" ? readProfile(delivery.profile) : undefined;
  if (profile && service.type === "NodePort" && !profile.published.has(service.nodePort)) {
    const ports = [...profile.published.keys()].join(", ");
    if (ports !== "")
      lines.push(
        `  the profile answers on this machine at other node ports: ${ports} (pulumi config set nodePort PORT --stack ${stack})`,
      );
    else if (needsForwarding())
      lines.push("  a profile that npm run up makes itself answers on localhost");
  }
  return {
    found: `${url} can't be reached from this machine (${reason})`,
    remedy: lines.join("\n"),
  };
}

/** The same, as it is printed. */
export function explainUnreached(...args: Parameters<typeof unreached>): string {
  const { found, remedy } = unreached(...args);
  return `! ${found}: ${remedy}`;
}
