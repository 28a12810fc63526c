import { readdirSync } from "node:fs";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { DEFAULT_STACK } from "../../components/names";
import { ownConfig } from "../../components/settings/own-config";
import { ROOT, settingsIn, stackConfig } from "../session/workspace";

/** Names of the stacks that have a file. */
export function stackFiles(): string[] {
  return readdirSync(ROOT).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

/**
 * The Minikube profiles that stacks of this clone are meant for, each once: after a failure, or with a stack forgotten, no
 * state names them any more.
 */
export function profileNames(): string[] {
  const names = [DEFAULT_STACK, ...stackFiles()].sort().flatMap(profileOf);
  return [...new Set(names)];
}

/** Read without the rest of the settings: a stack that was never deployed may lack what it must have, as its secrets. */
function profileOf(stack: string): string[] {
  try {
    const { imageDelivery, minikubeProfile: profile } = ownConfig(stackConfig(stack));
    if (imageDelivery === "registry") return [];
    const usual = settingsIn({}, DEFAULT_STACK).delivery;
    if (typeof profile === "string" && profile !== "") return [profile];
    return usual.kind === "minikube" ? [usual.profile] : [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`! Pulumi.${stack}.yaml can't be read: a Minikube profile that it alone names stays`);
    return [];
  }
}
