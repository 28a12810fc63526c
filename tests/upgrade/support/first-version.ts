/** The project as its first version was, beside today's: a clone of then, with a toolchain folder of its own. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../cli/session/workspace";
import { say } from "../../../common/progress";
import { run, tryRun } from "../../../common/run";
import { cacheRoot } from "../../../tools/cache";

/** The last commit of version 0.1.0. */
const COMMIT = "c5885177e5aa5a9531c029309cb2bb17bbfe4cea";

/** Whether this clone's history reaches back so far; one of CI's may be shallow. */
export function isKnown(): boolean {
  const args = ["cat-file", "-e", `${COMMIT}^{commit}`];
  return spawnSync("git", args, { cwd: ROOT, stdio: "ignore" }).status === 0;
}

/** A clone of the first version, with its dependencies. */
export class FirstVersion {
  private constructor(
    private readonly home: string,
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async install(): Promise<FirstVersion> {
    const home = mkdtempSync(join(tmpdir(), "todo-app-upgrade-"));
    const folder = join(home, "clone");
    mkdirSync(folder);
    const archive = 'git archive "$0" | tar --extract --directory "$1"';
    await run("sh", ["-c", archive, COMMIT, folder], { cwd: ROOT });
    const env = { ...process.env, XDG_CACHE_HOME: ownCache(join(home, "cache")) };
    await run("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder, env });
    return new FirstVersion(home, folder, env);
  }

  /** Runs one of its commands. */
  npm(script: string, ...flags: string[]): ReturnType<typeof tryRun> {
    const args = ["run", "--silent", script, "--", ...flags];
    return tryRun("npm", args, { cwd: this.folder, env: this.env, onLine: say });
  }

  /** Nothing of it is left afterwards. */
  forget(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/**
 * Today's tools as the first version looks for them. It puts Pulumi plugins of its own in the place of others where
 * no release page is reached: in these copies.
 */
function ownCache(base: string): string {
  const shared = cacheRoot();
  const own = join(base, "todo-app-minikube");
  mkdirSync(join(own, "pulumi-home"), { recursive: true });
  const passing = ["pulumi-home", "locks", "logs"];
  for (const name of existsSync(shared) ? readdirSync(shared) : [])
    if (!passing.includes(name)) symlinkSync(join(shared, name), join(own, name));
  const plugins = join(shared, "pulumi-home", "plugins");
  if (existsSync(plugins))
    cpSync(plugins, join(own, "pulumi-home", "plugins"), { recursive: true });
  return base;
}
