import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { UserError } from "../common/errors";
import { say } from "../common/progress";
import type { DeliverySettings } from "../components/config";
import { imagesOf, RESTORE_VARIABLE } from "../components/deployments";
import { isInRegistry, localImageId } from "../components/docker";
import { imageStores } from "../components/node-images";
import { main } from "./cli";
import { previousVersion, type Version, versionsOf } from "./history";
import { repairStack } from "./repair";
import { table } from "./rollback-table";
import { openSession, type Session } from "./session";
import { update } from "./update";
import { ROOT } from "./workspace";

const FLAGS = {
  to: {
    type: "string",
    help: "number of the version to go back to; the one before this unless said",
  },
  list: { type: "boolean", help: "only list the versions" },
} as const;

main(
  "rollback",
  "Puts the stack back to an earlier version: configuration, images and chart as they were, nothing rebuilt.",
  FLAGS,
  async (invocation) => {
    const session = await openSession(invocation.stack);
    if (!(await session.pulumi.hasStack())) throw nothingToRollBack(session.stack);
    const [versions, images] = await Promise.all([
      versionsOf(session.pulumi),
      builtImages(session),
    ]);
    say(table(versions));
    if (invocation.flag("list")) return 0;
    const target = choose(versions, invocation.option("to"), session.stack);
    await repairStack(session);
    await checkImages(session, target);
    say(`rolling back to version ${target.number}`);
    await restore(session, target, images);
    say(
      `stack "${session.stack}" is back at version ${target.number}; the next up goes forward again`,
    );
    return 0;
  },
);

/** Deploys what a version deployed: an ordinary update, with the kept chart, values, tags and configuration. */
async function restore(
  session: Session,
  { deployment }: Version,
  images: readonly string[],
): Promise<void> {
  if (!deployment) return;
  const folder = mkdtempSync(join(tmpdir(), "todo-app-rollback-"));
  try {
    const configFile = join(folder, `Pulumi.${session.stack}.yaml`);
    cpSync(deployment.configFile, configFile); // Pulumi may write to it
    await update(session, {
      args: ["--config-file", configFile, ...images.flatMap((urn) => ["--exclude", urn])],
      env: { [RESTORE_VARIABLE]: relative(ROOT, join(ROOT, deployment.folder)) },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The images as built last: a rollback leaves them alone, so that nothing is built. */
async function builtImages({ pulumi }: Session): Promise<string[]> {
  const state = await pulumi.json<{ deployment: { resources?: { urn: string; type: string }[] } }>([
    "stack",
    "export",
  ]);
  const resources = state.deployment.resources ?? [];
  return resources.filter(({ type }) => type === "docker:index/image:Image").map(({ urn }) => urn);
}

/** @throws UserError where an image of the version is neither where the cluster finds it nor in Docker */
async function checkImages({ settings }: Session, { deployment, number }: Version): Promise<void> {
  if (!deployment) return;
  for (const image of imagesOf(deployment)) {
    if ((await localImageId(image)) || (await isDelivered(image, settings.delivery))) continue;
    throw new UserError({
      what: `version ${number} can't come back`,
      why: `its image ${image} is gone from the ${settings.delivery.kind === "registry" ? "registry" : "cluster"} and from Docker`,
      next: "choose a later version, or check its commit out and run npm run up",
    });
  }
}

async function isDelivered(image: string, delivery: DeliverySettings): Promise<boolean> {
  if (delivery.kind === "registry") return isInRegistry(`${delivery.registry}/${image}`);
  const stores = await imageStores(delivery.profile);
  const ids = await Promise.all(stores.map((store) => store.idOf(image)));
  return ids.every((id) => id !== undefined);
}

function choose(versions: readonly Version[], to: string | undefined, stack: string): Version {
  if (to === undefined) {
    const previous = previousVersion(versions);
    if (!previous) throw nothingToRollBack(stack);
    return previous;
  }
  const version = versions.find(({ number }) => String(number) === to);
  const usable = versions.filter(({ deployment }) => deployment).map(({ number }) => number);
  const next = usable.length > 0 ? `choose one of ${usable.join(", ")}` : "run npm run up";
  if (!version) {
    throw new UserError({
      what: `there is no version ${to}`,
      why: `stack "${stack}" has ${versions.length}`,
      next,
    });
  }
  if (!version.deployment) {
    const failed = version.kind !== "update" || version.result !== "succeeded";
    throw new UserError({
      what: `version ${to} can't come back`,
      why: failed
        ? `it is a ${version.kind} that ${version.result}, not a deployment that worked`
        : "what it deployed isn't kept any more (keptDeployments says how many are)",
      next,
    });
  }
  return version;
}

function nothingToRollBack(stack: string): UserError {
  return new UserError({
    what: `stack "${stack}" has no earlier version`,
    why: "there must be two successful updates that differ",
    next: `npm run up -- --stack ${stack}`,
  });
}
