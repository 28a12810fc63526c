import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { ensureEngine } from "../../tools";
import { isConfirmed } from "../destroy/confirm";
import { findEverything, toldOf } from "../destroy/everything";
import { openEverything } from "../destroy/open";
import { removeEverything } from "../destroy/remove";
import { destroyStack } from "../destroy/stack";
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
    help: "uninstall: every stack of this clone with its data, Minikube profile, images, network, state and caches; tells what, and asks",
  },
  yes: {
    type: "boolean",
    help: "with --everything: don't ask, as in a script",
  },
} as const;
const STACK_FLAGS = ["delete-data", "forget-stack", "forget-cluster"] as const;

main("destroy", "Takes the stack out of the cluster.", FLAGS, async (invocation) => {
  const flags = STACK_FLAGS.filter((flag) => invocation.flag(flag));
  if (invocation.flag("everything")) {
    if (flags.length > 0 || invocation.namesStack) throw notOnlyEverything();
    return uninstall(invocation.flag("yes"));
  }
  const session = await openSession(invocation.stack);
  await ensureEngine(session.tools);
  await destroyStack(session, flags);
  return 0;
});

async function uninstall(isAgreed: boolean): Promise<number> {
  const found = await findEverything(await openEverything());
  process.stdout.write(`${toldOf(found).join("\n")}\n`);
  if (!isAgreed && !(await isConfirmed('Remove all of this? Type "yes": '))) {
    say("nothing was removed");
    return 1;
  }
  await removeEverything(found);
  return 0;
}

function notOnlyEverything(): UserError {
  return new UserError({
    what: "--everything goes alone",
    why: "it removes every stack of this clone with all that belongs to it, whichever is named",
    next: "npm run destroy -- --everything, or for one stack: npm run destroy -- --stack NAME --delete-data --forget-stack",
    exitCode: 64,
  });
}
