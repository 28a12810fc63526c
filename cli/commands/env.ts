import { chmodSync, copyFileSync, renameSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cachePath } from "../../tools/cache";
import { proxyVariables } from "../../tools/proxy";
import { main } from "../main";
import { openSession } from "../session/session";
import { ROOT } from "../session/workspace";

main(
  "env",
  'Prints the exports with which plain pulumi, kubectl, helm and minikube work here: eval "$(npm run --silent env)"',
  {},
  async ({ stack }) => {
    const { tools } = await openSession(stack);
    const path = [installWrapper(), ...(tools.env.PATH ?? "").split(delimiter)];
    const value = [...new Set(path)].join(delimiter);
    print("PATH", value);
    // Behind a proxy these tools would ask it for the cluster.
    for (const [name, addresses] of Object.entries(proxyVariables(process.env)))
      print(name, addresses);
    return 0;
  },
);

function print(name: string, value: string): void {
  process.stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
}

/**
 * Puts the wrapper of plain `pulumi` beside the tools, where it outlives this clone: it finds the clone that it
 * is called in by itself, so that these exports suit every clone and every other project.
 * @returns its folder
 */
function installWrapper(): string {
  const wrapper = cachePath("shell", "pulumi");
  const partial = `${wrapper}.${process.pid}`;
  copyFileSync(join(ROOT, "cli/shell/pulumi"), partial);
  chmodSync(partial, 0o755);
  renameSync(partial, wrapper);
  return dirname(wrapper);
}
