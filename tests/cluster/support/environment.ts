import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Circus } from "@jest/types";
import NodeEnvironment from "jest-environment-node";
import { tryRun } from "../../../common/run";

const OWN = /^(todo-app-test|chart-test|ops-)/;
const TAIL = 40;

/**
 * A Node environment that keeps the state of the tests' namespaces whenever a test fails. Its option
 * `context` names the cluster, "minikube" unless said.
 */
export default class ClusterEnvironment extends NodeEnvironment {
  private readonly cluster: string;

  constructor(...args: ConstructorParameters<typeof NodeEnvironment>) {
    super(...args);
    const { context } = args[0].projectConfig.testEnvironmentOptions;
    this.cluster = typeof context === "string" ? context : "minikube";
  }

  async handleTestEvent(event: Circus.Event): Promise<void> {
    if (event.name === "test_fn_failure") await dump(this.cluster, titleOf(event.test));
    if (event.name === "hook_failure")
      await dump(this.cluster, `${event.hook.type} of ${titleOf(event.test)}`);
  }
}

function titleOf(test: Circus.TestEntry | undefined): string {
  const names: string[] = [];
  let block: Circus.TestEntry | Circus.DescribeBlock | undefined = test;
  for (; block && block.name !== "ROOT_DESCRIBE_BLOCK"; block = block.parent) {
    names.unshift(block.name);
  }
  return names.join(" › ") || "a group of tests";
}

/** Writes pods, events and logs of the tests' namespaces into the report folder. */
async function dump(context: string, title: string): Promise<void> {
  const folder = process.env.TEST_REPORT_DIR;
  if (!folder) return;
  const kubectl = async (...args: string[]): Promise<string> => {
    const result = await tryRun("kubectl", ["--context", context, ...args], {
      timeoutMs: 20_000,
    });
    return result.stdout + result.stderr;
  };
  const all = (await kubectl("get", "namespaces", "--output", "name")).split("\n");
  const names = all.map((line) => line.replace("namespace/", "")).filter((name) => OWN.test(name));
  const sections = [`# ${title}`, new Date().toISOString()];
  for (const name of names) {
    const parts: [string, string[]][] = [
      ["objects", ["get", "all", "--output", "wide"]],
      ["pods", ["describe", "pods"]],
      ["events", ["get", "events", "--sort-by=.lastTimestamp"]],
      [
        "logs",
        ["logs", "--selector=app=todo-app", "--all-containers", "--prefix", `--tail=${TAIL}`],
      ],
    ];
    for (const [part, args] of parts) {
      const text = await kubectl("--namespace", name, ...args);
      sections.push(`## ${name}: ${part}`, `\`\`\`\n${text.trim()}\n\`\`\``);
    }
  }
  mkdirSync(folder, { recursive: true });
  const file = `failed-${title.replace(/[^a-z0-9]+/gi, "-").slice(0, 80)}.md`;
  appendFileSync(join(folder, file), `${sections.join("\n\n")}\n\n`);
}
