import { say } from "../../common/progress";
import { main } from "../main";
import { explainUnreached, whyNotReached } from "../session/reach";
import { openSession, prepareUpdate } from "../session/session";
import { messageOfUpdate } from "../update/message";
import { repairStack } from "../update/repair";
import { rotationArguments } from "../update/rotate";
import { update } from "../update/update";

/** A tunnel by SSH needs some seconds to serve a new Service. */
const URL_ANSWERS_MS = 10_000;

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
    await update(session, { args, message: () => messageOfUpdate(session) });
    const url = await session.pulumi.output("url");
    const reason = await whyNotReached(url, URL_ANSWERS_MS);
    if (reason !== undefined) say(explainUnreached(session.settings, session.stack, url, reason));
    process.stdout.write(`${url}\n`);
    return 0;
  },
);
