/**
 * A real run with small parts, `small-run.ts PARTS [MINUTES]`: shell commands by their parts' names, in
 * JSON, and the limit of each. Prints the rows, in JSON, and ends as `npm test` does.
 */
import { leftBy, removeContainers } from "../../../run/leftovers";
import { Parts } from "../../../run/parts";
import { Stop } from "../../../run/stop";

const commands = JSON.parse(process.argv[2] ?? "{}") as Record<string, string>;
const minutes = Number(process.argv[3] ?? 1);

async function main(): Promise<number> {
  const stop = new Stop(10);
  const parts = new Parts({
    ...{ stop: stop.signal, limitOf: () => minutes },
    clean: async (mark) => removeContainers(await leftBy(mark, process.env), process.env),
  });
  for (const [name, command] of Object.entries(commands))
    await parts.run(name, (part) => part.run("sh", ["-c", command], { graceMs: 1000 }));
  stop.close();
  process.stdout.write(JSON.stringify(parts.results));
  return stop.code ?? (parts.complete ? 0 : 1);
}

void main().then((code) => {
  process.exitCode = code;
});
