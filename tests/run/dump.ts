import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { tryRun } from "../../common/run";

/** Namespaces of the tests. */
const OWN = /^(todo-app-test|chart-test|ops-)/;
const TAIL = 40;
const LIMIT_MS = 20_000;

interface Pod {
  metadata: { name: string };
  spec: { initContainers?: { name: string }[]; containers: { name: string }[] };
  status: { initContainerStatuses?: Status[]; containerStatuses?: Status[] };
}

interface Status {
  name: string;
  restartCount: number;
}

/**
 * Writes what the tests' namespaces hold at this moment into a folder of reports: objects, pods, events,
 * and the last lines of every container's log, of the one before it too where it was restarted.
 *
 * @param context names the cluster
 * @param title what has failed
 */
export async function dump(context: string, title: string, folder: string): Promise<void> {
  const kubectl = async (...args: string[]): Promise<string> => {
    const result = await tryRun("kubectl", ["--context", context, ...args], {
      timeoutMs: LIMIT_MS,
    });
    return result.stdout + result.stderr;
  };
  const all = (await kubectl("get", "namespaces", "--output", "name")).split("\n");
  const names = all.map((line) => line.replace("namespace/", "")).filter((name) => OWN.test(name));
  const sections = [`# ${title}`, new Date().toISOString()];
  for (const name of names) {
    const inside = (...args: string[]): Promise<string> => kubectl("--namespace", name, ...args);
    const add = async (what: string, ...args: string[]): Promise<void> => {
      const text = (await inside(...args)).trim();
      if (text !== "") sections.push(`## ${name}: ${what}`, `\`\`\`\n${text}\n\`\`\``);
    };
    await add("objects", "get", "all", "--output", "wide");
    await add("pods", "describe", "pods");
    await add("events", "get", "events", "--sort-by=.lastTimestamp");
    for (const { pod, container, restarted } of containersOf(
      await inside("get", "pods", "--output", "json"),
    )) {
      const log = ["logs", pod, "--container", container, `--tail=${TAIL}`];
      await add(`log of ${pod}, ${container}`, ...log);
      if (restarted)
        await add(`log before its restart of ${pod}, ${container}`, ...log, "--previous");
    }
  }
  mkdirSync(folder, { recursive: true });
  const file = `failed-${title.replace(/[^a-z0-9]+/gi, "-").slice(0, 80)}.md`;
  appendFileSync(join(folder, file), `${sections.join("\n\n")}\n\n`);
}

/** The containers of kubectl's list of pods; none where it has failed. */
function containersOf(text: string): { pod: string; container: string; restarted: boolean }[] {
  if (!text.startsWith("{")) return [];
  const { items } = JSON.parse(text) as { items: Pod[] };
  return items.flatMap(({ metadata, spec, status }) => {
    const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const restarted = new Set(
      statuses.filter(({ restartCount }) => restartCount > 0).map(({ name }) => name),
    );
    return [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => ({
      pod: metadata.name,
      container: name,
      restarted: restarted.has(name),
    }));
  });
}
