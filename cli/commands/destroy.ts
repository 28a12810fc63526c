import { createInterface } from "node:readline/promises";
import { ensureEngine } from "../../tools";
import { findEverything, removeEverything, toldOf } from "../destroy/everything";
import { type DestroyFlag, destroyStack } from "../destroy/stack";
import { main } from "../main";
import { openSession } from "../session/session";

const FLAGS = {
  "delete-data": {
    type: "boolean",
    help: "remove the local database's data too; without it they are kept for the next up",
  },
  "forget-stack": {
    type: "boolean",
    help: "remove the stack's state, history and kept deployments too",
  },
  "forget-cluster": {
    type: "boolean",
    help: "the cluster is gone for good: take out of the state what was in it, without asking it",
  },
  everything: {
    type: "boolean",
    help: "uninstall: every stack of this clone with its data, Minikube profile, images, network, state and caches; tells what first",
  },
} as const;

main("destroy", "Takes the stack out of the cluster.", FLAGS, async (invocation) => {
  const session = await openSession(invocation.stack);
  await ensureEngine(session.tools);
  if (!invocation.flag("everything")) {
    const flags = Object.keys(FLAGS).filter((flag) => invocation.flag(flag));
    await destroyStack(session, flags as DestroyFlag[]);
    return 0;
  }
  const found = await findEverything(session);
  process.stdout.write(`${toldOf(found).join("\n")}\n`);
  if (!(await isWanted())) return 1;
  await removeEverything(found);
  return 0;
});

/** On a terminal somebody is there to be asked. */
async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Remove all of this? Type "yes": ');
  terminal.close();
  return answer.trim() === "yes";
}
