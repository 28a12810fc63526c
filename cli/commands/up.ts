import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { main } from "../main";
import { explainUnreached, whyNotReached } from "../session/reach";
import { openSession, prepareUpdate } from "../session/session";
import { messageOfUpdate } from "../update/message";
import { checkPlan, givenPath, planned } from "../update/plan";
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
  plan: {
    type: "string",
    help: "file that preview -- --save has kept: deploys what was reviewed, or nothing",
  },
} as const;

main(
  "up",
  "Deploys the stack: tools, cluster, database, images, release.",
  FLAGS,
  async (invocation) => {
    const [rotate, plan] = [invocation.option("rotate"), invocation.option("plan")];
    if (rotate !== undefined && plan !== undefined) throw planRotates();
    const file = plan === undefined ? undefined : givenPath(plan);
    const session = await openSession(invocation.stack);
    const { args, env } =
      file === undefined ? { args: rotationArguments(rotate, session), env: {} } : planned(file);
    if (file !== undefined) await checkPlan(file, session);
    await prepareUpdate(session);
    await repairStack(session);
    await update(session, { args, env, message: () => messageOfUpdate(session) });
    const url = await session.pulumi.output("url");
    const reason = await whyNotReached(url, URL_ANSWERS_MS);
    if (reason !== undefined) say(explainUnreached(session.settings, session.stack, url, reason));
    process.stdout.write(`${url}\n`);
    return 0;
  },
);

function planRotates(): UserError {
  return new UserError({
    what: "a plan can't rotate a secret",
    why: "it deploys what was reviewed, and nothing else",
    next: "one after the other: npm run up -- --plan FILE, then npm run up -- --rotate KEY",
    exitCode: 64,
  });
}
