import { UserError } from "../common/errors";
import { ensureDebianPackages } from "./engine";
import { which } from "./install";

/** Chromium under the names that distributions give it. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;

/** The path of a Chromium for browser tests; `CHROMIUM_PATH` wins, Debian's package is the last resort. */
export async function ensureBrowser(): Promise<string> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return chosen;
  const found = findBrowser();
  if (found) return found;
  await ensureDebianPackages(["chromium"], "the browser for the end-to-end tests");
  const installed = findBrowser();
  if (installed) return installed;
  throw new UserError({
    what: "no Chromium was found",
    why: `none of ${BROWSERS.join(", ")} is on PATH`,
    next: "install Chromium or Chrome, or set CHROMIUM_PATH to one",
  });
}

function findBrowser(): string | undefined {
  return BROWSERS.map((name) => which(name)).find((path) => path !== undefined);
}
