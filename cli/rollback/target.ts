import { messageOf, UserError } from "../../common/errors";
import { askRegistry, localImageId } from "../../components/images/docker";
import { imageStores } from "../../components/minikube/node-images";
import { imagesOf } from "../../components/record/deployment";
import {
  ConfigError,
  type DeliverySettings,
  type Settings,
} from "../../components/settings/settings";
import { settingsIn } from "../session/workspace";
import { isKept, type KeptVersion, previousVersion, type Recorded, type Version } from "./history";

const OTHERWISE = "choose a later version, or check its commit out and run npm run up";

/**
 * The version to go back to.
 * @param to its number; the one that `previousVersion` names where undefined
 * @throws UserError where there is none, or what it deployed isn't kept
 */
export function choose(
  recorded: Pick<Recorded, "versions" | "isDeveloped">,
  to: string | undefined,
  stack: string,
): KeptVersion {
  if (to === undefined) {
    const previous = previousVersion(recorded);
    if (!previous) throw nothingToRollBack(stack);
    return previous;
  }
  const { versions } = recorded;
  const version = versions.find(({ number }) => String(number) === to);
  const usable = versions.filter(isKept).map(({ number }) => number);
  const next =
    usable.length > 0 ? `choose one of ${usable.join(", ")}` : `npm run up -- --stack ${stack}`;
  if (!version) {
    throw new UserError({
      what: `there is no version ${JSON.stringify(to)}`,
      why: `the versions of stack "${stack}" are the numbers from ${versions[0]?.number ?? 1} to ${versions.at(-1)?.number ?? 1}`,
      next,
    });
  }
  if (!isKept(version))
    throw new UserError({ what: `version ${to} can't come back`, why: whyNot(version), next });
  return version;
}

/** What is said where there is no version to go back to. */
export function nothingToRollBack(stack: string): UserError {
  return new UserError({
    what: `stack "${stack}" has nothing to go back to`,
    why: "that takes a kept deployment beside the one that serves",
    next: `npm run up -- --stack ${stack}`,
  });
}

function whyNot({ result }: Version): string {
  if (result !== "succeeded") return `the update ${result}, so that it never served`;
  return "what it deployed isn't kept any more (keptDeployments says how many are)";
}

/** The settings that a version was deployed with; secrets are known to be there, not what they are. */
export function settingsOf({ deployment, number }: KeptVersion, stack: string): Settings {
  try {
    return settingsIn(deployment.config, stack);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UserError({
      what: `version ${number} can't come back`,
      why: ["its configuration isn't understood any more:", ...error.mistakes].join("\n"),
      next: OTHERWISE,
    });
  }
}

/**
 * Looks for a version's images where its own configuration delivers them, which may be elsewhere than now.
 * @throws UserError where one is neither there nor in Docker, or where that can't be told
 */
export async function checkImages(
  { deployment, number }: KeptVersion,
  delivery: DeliverySettings,
): Promise<void> {
  for (const image of imagesOf(deployment)) {
    if ((await localImageId(image)) || (await isDelivered(image, delivery))) continue;
    throw new UserError({
      what: `version ${number} can't come back`,
      why: `its image ${image} is gone from ${placeOf(delivery)} and from Docker`,
      next: OTHERWISE,
    });
  }
}

/** A registry that denies reading is taken to have what was pushed: the nodes may read it. */
async function isDelivered(image: string, delivery: DeliverySettings): Promise<boolean> {
  try {
    if (delivery.kind === "registry")
      return (await askRegistry(`${delivery.registry}/${image}`)) !== "missing";
    const stores = await imageStores(delivery.profile);
    const ids = await Promise.all(stores.map((store) => store.idOf(image)));
    return ids.every((id) => id !== undefined);
  } catch (error) {
    throw new UserError({
      what: `whether ${placeOf(delivery)} still has ${image} can't be told`,
      why: messageOf(error),
      next: "npm run doctor names what is wrong; mend it, then run this again",
      cause: error,
    });
  }
}

function placeOf(delivery: DeliverySettings): string {
  return delivery.kind === "registry"
    ? `registry ${delivery.registry}`
    : `Minikube profile "${delivery.profile}"`;
}
