import { main } from "./cli";
import { repairStack } from "./repair";
import { openSession, prepareUpdate } from "./session";
import { update } from "./update";

main(
  "up",
  "Deploys the stack: tools, cluster, database, images, release.",
  {},
  async ({ stack }) => {
    const session = await openSession(stack);
    await prepareUpdate(session);
    await repairStack(session);
    await update(session);
    const url = await session.pulumi.quiet(["stack", "output", "url"]);
    process.stdout.write(`${url}\n`);
    return 0;
  },
);
