import { main } from "../main";
import { openSession, prepareUpdate } from "../session/session";
import { repairStack } from "../update/repair";
import { rotationArguments } from "../update/rotate";
import { update } from "../update/update";

const FLAGS = {
  rotate: {
    type: "string",
    help: "generate a secret anew and roll the pods: jwtSecret, or betterAuthSecret (everyone signs in again)",
  },
} as const;

main(
  "up",
  "Deploys the stack: tools, cluster, database, images, release.",
  FLAGS,
  async (invocation) => {
    const session = await openSession(invocation.stack);
    const args = rotationArguments(invocation.option("rotate"), session);
    await prepareUpdate(session);
    await repairStack(session);
    await update(session, { args });
    const url = await session.pulumi.output("url");
    process.stdout.write(`${url}\n`);
    return 0;
  },
);
