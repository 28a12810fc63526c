import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import { ensureEngine } from "../../tools";
import { main } from "../main";
import { databaseName, removeDatabase } from "../session/database";
import { forgetImages } from "../session/images";
import { openSession, usesLocalDatabase } from "../session/session";

const FLAGS = {
  "delete-data": {
    type: "boolean",
    help: "remove the local database's data too; without it they are kept for the next up",
  },
  "forget-stack": {
    type: "boolean",
    help: "remove the stack's state, history and kept deployments too",
  },
} as const;

main("destroy", "Takes the stack out of the cluster.", FLAGS, async (invocation) => {
  const session = await openSession(invocation.stack);
  const { pulumi, cluster, stack, settings, tools } = session;
  await ensureEngine(tools);
  if (await pulumi.hasStack()) {
    if (!(await cluster.answers())) {
      throw new UserError({
        what: `the cluster of context "${settings.kubeContext}" doesn't answer`,
        why: "what is in it can't be taken away",
        next: `start it, then run this again; if it is gone for good: pulumi state delete --all --stack ${stack}`,
      });
    }
    const running = await pulumi.start(["destroy", "--yes", "--skip-preview"], (line) => {
      if (line.trim() !== "") say(line);
    });
    if ((await running.endedDespiteSignals()) !== 0) {
      throw new UserError({
        what: `stack "${stack}" is not destroyed`,
        why:
          running.lines.filter((line) => line.includes("error:")).join("\n") ||
          "its output is above",
        next: `npm run unlock -- --stack ${stack}, then npm run destroy -- --stack ${stack}`,
      });
    }
    await step("images that nothing runs", () => forgetImages(session));
    if (invocation.flag("forget-stack"))
      await pulumi.quiet(["stack", "rm", "--yes", "--preserve-config"]);
  }
  if (usesLocalDatabase(settings)) {
    const withData = invocation.flag("delete-data");
    await removeDatabase(stack, withData, tools.env);
    if (!withData)
      say(`the data are kept in Docker volume ${databaseName(stack)} (--delete-data removes them)`);
  }
  return 0;
});
