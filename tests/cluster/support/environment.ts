import type { Circus } from "@jest/types";
import NodeEnvironment from "jest-environment-node";
import { dump } from "../../run/dump";
import { TESTS_PROFILE } from "../../support/profile";

/**
 * A Node environment that keeps the state of the tests' namespaces, in the folder TEST_REPORT_DIR,
 * whenever a test fails. Its option `context` names the cluster, the tests' own unless said.
 */
export default class ClusterEnvironment extends NodeEnvironment {
  private readonly cluster: string;

  constructor(...args: ConstructorParameters<typeof NodeEnvironment>) {
    super(...args);
    const { context } = args[0].projectConfig.testEnvironmentOptions;
    this.cluster = typeof context === "string" ? context : TESTS_PROFILE;
  }

  async handleTestEvent(event: Circus.Event): Promise<void> {
    if (event.name === "test_fn_failure") await this.keep(titleOf(event.test));
    if (event.name === "hook_failure")
      await this.keep(`${event.hook.type} of ${titleOf(event.test)}`);
  }

  private async keep(title: string): Promise<void> {
    const folder = process.env.TEST_REPORT_DIR;
    if (folder) await dump(this.cluster, title, folder);
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
