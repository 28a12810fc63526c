/** Takes a stack out of the cluster, and whatever of it is elsewhere. */
import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import { findDatabase, removeDatabase, whyForeign } from "../../components/database/container";
import { DELETE_DATA_VARIABLE } from "../../components/database/provider";
import { readProfile } from "../../components/minikube/profile";
import { databaseName, TYPES } from "../../components/names";
import { databasePasswordFile } from "../../components/record/state-folder";
import { forgetImages } from "../session/images";
import type { Pulumi } from "../session/pulumi";
import type { Session } from "../session/session";
import { follow } from "../update/follow";
import { releaseLocks } from "../update/repair";

/** As a shell has it for Ctrl-C. */
const EXIT_STOPPED = 130;

/** What is wanted beside the stack's own end, as the command's flags name it. */
export type DestroyFlag = "delete-data" | "forget-stack" | "forget-cluster";

/**
 * Destroys a stack; nothing happens where there is none.
 * @throws UserError where its cluster doesn't answer but may come back, or Pulumi fails
 */
export async function destroyStack(session: Session, flags: readonly DestroyFlag[]): Promise<void> {
  const { pulumi, stack } = session;
  const withData = flags.includes("delete-data");
  if (await pulumi.hasStack()) {
    const isGone = await isClusterGone(session, flags);
    if (((await pulumi.state())?.resources ?? []).length > 0) {
      if (isGone) {
        await releaseLocks(session);
        await step("the cluster is gone, and leaves the state", () => forgetCluster(pulumi));
      }
      await destroy(session, withData);
    }
    await step("images that nothing runs", () => forgetImages(session, isGone));
    if (flags.includes("forget-stack"))
      await pulumi.quiet(["stack", "rm", "--yes", "--preserve-config"]);
  }
  await leaveData(stack, withData);
}

/**
 * Whether the cluster is gone for good: its profile is no more, or the user says so.
 * @param flags what the user has given, to be given again
 * @throws UserError where it only doesn't answer
 */
async function isClusterGone(
  { cluster, settings, stack }: Session,
  flags: readonly string[],
): Promise<boolean> {
  if (await cluster.answers()) return false;
  const { delivery, kubeContext } = settings;
  const isGone = delivery.kind === "minikube" && readProfile(delivery.profile) === undefined;
  if (!isGone && !flags.includes("forget-cluster")) {
    const again = [...flags, "forget-cluster"].map((flag) => `--${flag}`).join(" ");
    throw new UserError({
      what: `the cluster of context "${kubeContext}" doesn't answer`,
      why: "what is in it can't be taken away",
      next: `start it, then run this again; if it is gone for good: npm run destroy -- --stack ${stack} ${again}`,
    });
  }
  return true;
}

/** Takes the providers of Kubernetes out of the state, and with them everything that was made by them. */
async function forgetCluster(pulumi: Pulumi): Promise<void> {
  const { resources = [] } = (await pulumi.state()) ?? {};
  const providers = resources.filter(({ type }) => type === TYPES.kubernetesProvider);
  for (const { urn } of providers)
    await pulumi.quiet(["state", "delete", urn, "--target-dependents", "--force", "--yes"]);
}

async function destroy({ pulumi, stack }: Session, withData: boolean): Promise<void> {
  const { ended, outcome, running } = await follow(
    pulumi,
    ["destroy", "--yes", "--skip-preview"],
    withData ? { [DELETE_DATA_VARIABLE]: "1" } : {},
  );
  const code = await ended;
  // Whoever has stopped it doesn't want what comes next either.
  if (running.isStopped)
    throw new UserError({
      what: `the end of stack "${stack}" was stopped`,
      why: "a signal asked for it, as by Ctrl-C; what is gone by now stays gone",
      next: `the same command goes on; npm run unlock -- --stack ${stack} first, where it was stopped at once`,
      exitCode: EXIT_STOPPED,
    });
  if (code === 0) return;
  throw new UserError({
    what: `stack "${stack}" is not destroyed`,
    why: outcome.lock ?? (outcome.reasons.join("\n") || "its output is above"),
    next: `npm run unlock -- --stack ${stack}, then npm run destroy -- --stack ${stack}`,
  });
}

/** Tells of data that are kept; those that an earlier destroy has kept go, too, where that is wanted. Others' stay. */
async function leaveData(stack: string, withData: boolean): Promise<void> {
  const name = databaseName(stack);
  const found = await findDatabase(name);
  if (!found.hasVolume) return;
  const foreign = whyForeign(found, databasePasswordFile(stack));
  if (foreign !== undefined) {
    if (withData) say(`Docker volume ${name} stays: ${foreign}`);
  } else if (withData) await removeDatabase(name, true);
  else say(`the data are kept in Docker volume ${name} (--delete-data removes them)`);
}
