import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** What the runner of the browser tests hands over through the environment. */
export interface Settings {
  /** Where the front end is reached, without a trailing slash (E2E_BASE_URL). */
  baseUrl: string;
  /** Folder for screenshots and measurements (E2E_REPORT_DIR, default reports/e2e). */
  reportDir: string;
  /** The Chromium to drive (E2E_CHROMIUM, default /usr/bin/chromium). */
  chromium: string;
  /** Takes the back end down: a program and its arguments (E2E_BACKEND_STOP_CMD, JSON array). */
  stopBackend: string[] | null;
  /** Brings the back end up again (E2E_BACKEND_START_CMD, JSON array). */
  startBackend: string[] | null;
  /** kubectl for the namespace that the front end is deployed in (E2E_KUBECTL, JSON array). */
  kubectl: string[] | null;
  /**
   * For a front end that isn't in a cluster: runs one more, which listens on PORT, until it is
   * ended by SIGTERM (E2E_FRONTEND_CMD, JSON array).
   */
  runFrontEnd: string[] | null;
  /** The same for a back end (E2E_BACKEND_CMD, JSON array). */
  runBackend: string[] | null;
}

function command(name: string): string[] | null {
  const text = process.env[name];
  if (!text) return null;
  const parsed: unknown = JSON.parse(text);
  if (
    !Array.isArray(parsed) ||
    parsed.length === 0 ||
    !parsed.every((p) => typeof p === "string")
  ) {
    throw new Error(`${name} must be a JSON array of strings: a program and its arguments`);
  }
  return parsed;
}

function read(): Settings {
  const baseUrl = process.env.E2E_BASE_URL;
  if (!baseUrl) throw new Error("E2E_BASE_URL must hold the URL of a deployed front end");
  const reportDir = resolve(process.env.E2E_REPORT_DIR || join(process.cwd(), "reports", "e2e"));
  mkdirSync(reportDir, { recursive: true });
  return {
    baseUrl: baseUrl.replace(/\/+$/, ""),
    reportDir,
    chromium: process.env.E2E_CHROMIUM || "/usr/bin/chromium",
    stopBackend: command("E2E_BACKEND_STOP_CMD"),
    startBackend: command("E2E_BACKEND_START_CMD"),
    kubectl: command("E2E_KUBECTL"),
    runFrontEnd: command("E2E_FRONTEND_CMD"),
    runBackend: command("E2E_BACKEND_CMD"),
  };
}

export const settings = read();
