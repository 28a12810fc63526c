import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import { tryRun } from "../../common/run";
import { registryName } from "../../components/minikube/image-registry";
import { readProfile } from "../../components/minikube/profile";
import { openSession } from "../session/session";
import { forgetEncrypted } from "./encrypted";
import type { Everything } from "./everything";
import { removeFolder } from "./folders";
import { destroyStack } from "./stack";

/** How Docker says that there is nothing to remove: what belonged to a stack or a profile has gone with it. */
const GONE = /no such|not found/i;
/** How Docker says that containers are on a network: where this clone's have gone, they are others'. */
const IN_USE = /has active endpoints/;

/**
 * Removes what was found, the tools last.
 * @throws UserError where something can't be removed: what comes after a stack stays then, too, and in any case the tools
 */
export async function removeEverything(found: Everything): Promise<void> {
  const { stacks, profiles, volumes, networks, images, folders, encrypted, env } = found;
  const going = profiles.filter(({ kept }) => kept === undefined);
  for (const stack of stacks) {
    const session = await openSession(stack);
    say(`· stack "${stack}"`);
    const { delivery } = session.settings;
    const isGoing =
      delivery.kind === "minikube" && going.some(({ name }) => name === delivery.profile);
    // A cluster that goes need not be started to take things out of it.
    await destroyStack(session, [
      ...(["delete-data", "forget-stack"] as const),
      ...(isGoing ? (["forget-cluster"] as const) : []),
    ]);
  }
  const left: string[] = [];
  const remove = async (
    command: string,
    args: readonly string[],
    isGone: () => boolean = () => false,
  ): Promise<void> => {
    const { code, stdout, stderr } = await tryRun(command, args, { env });
    if (code === 0 || isGone()) return;
    const said = (stderr.trim() || stdout.trim()).split("\n");
    const isLeft = (line: string): boolean => !GONE.test(line) && !IN_USE.test(line);
    const reasons = command === "docker" ? said.filter(isLeft) : said;
    const [last] = reasons.slice(-1);
    if (last !== undefined) left.push(`${[command, ...args].join(" ")}: ${last}`);
  };
  for (const { name, network } of going)
    await step(`Minikube profile "${name}"`, async () => {
      await remove("docker", ["rm", "--force", "--volumes", registryName(network)]);
      await remove(
        "minikube",
        ["delete", "--profile", name],
        () => readProfile(name) === undefined,
      );
    });
  for (const name of volumes) {
    await remove("docker", ["rm", "--force", name]); // of a stack that was forgotten
    await remove("docker", ["volume", "rm", name]);
  }
  for (const name of networks) await remove("docker", ["network", "rm", name]);
  if (images.length > 0)
    await step("images", async () => {
      for (const name of images) await remove("docker", ["image", "rm", "--force", name]);
    });
  if (left.length > 0)
    throw new UserError({
      what: "not everything is removed",
      why: left.join("\n"),
      next: "mend the causes and run these commands; then npm run destroy -- --everything removes the rest",
    });
  forgetEncrypted(encrypted);
  for (const { path, kept } of folders) await step(path, async () => removeFolder(path, kept));
}
