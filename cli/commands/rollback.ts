import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { TYPES } from "../../components/names";
import { RESTORE_VARIABLE, writeRestored } from "../../components/record/restore";
import { main } from "../main";
import { type KeptVersion, type Recorded, recordedBy } from "../rollback/history";
import { table, versionsJson } from "../rollback/table";
import { checkImages, choose, nothingToRollBack, settingsOf } from "../rollback/target";
import { Cluster } from "../session/cluster";
import { openSession, prepareUpdate, type Session } from "../session/session";
import { configFor, ROOT } from "../session/workspace";
import { deploymentMessage } from "../update/message";
import { repairStack } from "../update/repair";
import { update } from "../update/update";

const FLAGS = {
  to: {
    type: "string",
    help: "number of the version to go back to; unless said the one before, after a failed update the one that serves",
  },
  list: { type: "boolean", help: "only list the versions" },
  json: { type: "boolean", help: "with --list: the versions as JSON" },
} as const;

main(
  "rollback",
  "Puts the stack back to an earlier version: configuration, images and chart as they were, nothing rebuilt.",
  FLAGS,
  async (invocation) => {
    const isListed = invocation.flag("list");
    if (invocation.flag("json") && !isListed) throw jsonWithoutList();
    if (isListed && invocation.option("to") !== undefined) throw listOrTo();
    const session = await openSession(invocation.stack);
    const { stack, pulumi } = session;
    if (!isListed && !(await pulumi.hasStack())) throw nothingToRollBack(stack);
    const recorded = await recordedBy(pulumi);
    const { versions, charts } = recorded;
    if (isListed) {
      process.stdout.write(
        `${invocation.flag("json") ? versionsJson(versions) : table(versions)}\n`,
      );
      return 0;
    }
    say(table(versions));
    const target = choose(recorded, invocation.option("to"), stack);
    const then = sessionOf(session, target);
    await prepareUpdate(then, []);
    await repairStack(then);
    await checkImages(target, then.settings.delivery);
    say(`rolling back to version ${target.number}`);
    await restore(then, target, charts);
    say(`stack "${stack}" is back at version ${target.number}; the next up goes forward again`);
    return 0;
  },
);

function jsonWithoutList(): UserError {
  return new UserError({
    what: "a rollback has no answer in JSON",
    why: "only the list of versions has",
    next: "npm run rollback -- --list --json",
    exitCode: 64,
  });
}

function listOrTo(): UserError {
  return new UserError({
    what: "--list rolls nothing back",
    why: "--to says where to roll back to: it is one or the other",
    next: "npm run rollback -- --list, then npm run rollback -- --to N",
    exitCode: 64,
  });
}

/** The session with the settings of a version: its cluster may be another than the one that is configured now. */
function sessionOf(session: Session, version: KeptVersion): Session {
  const settings = settingsOf(version, session.stack);
  return { ...session, settings, cluster: new Cluster(settings, session.tools.env) };
}

/** Deploys what a version deployed: an ordinary update, with the kept chart, values, tags and configuration. */
async function restore(
  session: Session,
  { deployment, number }: KeptVersion,
  charts: Recorded["charts"],
): Promise<void> {
  const { stack } = session;
  const images = await builtImages(session);
  const folder = writeRestored(deployment, charts[deployment.chartHash] ?? "");
  try {
    const configFile = join(ROOT, folder, `Pulumi.${stack}.yaml`);
    // Pulumi may write to it.
    writeFileSync(configFile, stringify(configFor(stack, deployment.config, deployment.salt)), {
      mode: 0o600,
    });
    await update(session, {
      args: ["--config-file", configFile, ...images.flatMap((urn) => ["--exclude", urn])],
      env: { [RESTORE_VARIABLE]: folder },
      message: async () => `rollback to version ${number}: ${deploymentMessage(deployment)}`,
    });
  } finally {
    rmSync(join(ROOT, folder), { recursive: true, force: true });
  }
}

/** The images as built last: a rollback leaves them alone, so that nothing is built. */
async function builtImages({ pulumi }: Session): Promise<string[]> {
  const { resources = [] } = (await pulumi.state()) ?? {};
  return resources.filter(({ type }) => type === TYPES.image).map(({ urn }) => urn);
}
