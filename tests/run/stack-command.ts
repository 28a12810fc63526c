/**
 * What a part of a run does with the tests' cluster and stack, as a command of its own, so that it can be
 * ended: `stack-command.ts cluster | up FOLDER | remove FOLDER`.
 */
import { messageOf } from "../../common/errors";
import { ensureCluster, ensureTools } from "../../tools";
import { TESTS_PROFILE } from "../support/profile";
import { START_ARGS } from "./cluster";
import { TestStack } from "./test-stack";

async function main([verb, folder = ""]: readonly string[]): Promise<number> {
  if (verb === "cluster") {
    await ensureCluster(await ensureTools(), TESTS_PROFILE, START_ARGS);
    return 0;
  }
  const stack = await TestStack.at(folder);
  if (verb === "up") return (await stack.up()).code;
  if (verb === "remove") return (await stack.remove()) ? 0 : 1;
  throw new Error(`there is no verb ${verb}`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
