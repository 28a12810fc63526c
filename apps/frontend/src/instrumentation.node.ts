import { installClientAddress } from "./lib/server/client-address";
import { EnvError, serverEnv } from "./lib/server/env";
import { installShutdown } from "./lib/server/lifecycle";
import { log } from "./lib/server/log";
import { installMalformedRequests } from "./lib/server/malformed-requests";
import { installNoUpgrades } from "./lib/server/no-upgrades";

/** Checks the settings, so that bad ones stop the server here with one clear line. */
export function start(): void {
  try {
    const env = serverEnv();
    installShutdown();
    installMalformedRequests();
    // The development server's own connection to the page is one.
    if (process.env.NODE_ENV !== "development") installNoUpgrades();
    installClientAddress(env.trustedProxies.length > 0);
    log("info", "server.started", { version: env.version, environment: env.environment });
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    log("error", "server.misconfigured", { error: error.message });
    process.exit(1);
  }
}
