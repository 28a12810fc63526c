import { say, step } from "../../common/progress";
import { main } from "../main";
import { openSession } from "../session/session";
import { repairStack } from "../update/repair";

main(
  "unlock",
  "Repairs a stack whose update was killed: its lock, its pending operations, a pending Helm release.",
  {},
  async ({ stack }) => {
    const session = await openSession(stack);
    const { pulumi } = session;
    // Only the locks of this clone's own state can be told from those of an update under way.
    if (!pulumi.isLocal)
      await step("Pulumi's lock is released", () => pulumi.quiet(["cancel", "--yes"]));
    const done = await repairStack(session);
    say(done.length === 0 ? "nothing to repair" : "the stack is ready for the next up");
    return 0;
  },
);
