import { say } from "../../common/progress";
import { main } from "../main";
import { openSession } from "../session/session";
import { requireCluster } from "../update/preflight";
import { releaseLocks, repairStack } from "../update/repair";
import { releaseSharedLock } from "../update/unlock";

const FLAGS = {
  force: {
    type: "boolean",
    help: "release the lock whoever holds it: only where that update has surely died",
  },
} as const;

main(
  "unlock",
  "Repairs a stack whose update was killed: its lock, its pending operations, a pending Helm release.",
  FLAGS,
  async (invocation) => {
    const session = await openSession(invocation.stack);
    const { pulumi, cluster, settings } = session;
    const isForced = invocation.flag("force");
    if (!pulumi.isLocal) await releaseSharedLock(pulumi, isForced);
    else if (isForced) await releaseLocks(session, true);
    if (!(await cluster.answers())) {
      await releaseLocks(session); // a destroy that forgets the cluster needs no more
      await requireCluster(settings, cluster);
    }
    const done = await repairStack(session);
    say(done.length === 0 ? "nothing to repair" : "the stack is ready for the next up");
    return 0;
  },
);
