import { readdirSync } from "node:fs";
import { say } from "../../common/progress";
import { DEFAULT_STACK } from "../../components/names";
import { ROOT, stackSettings } from "../session/workspace";

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

/** None where a stack's file can't be read, which only one without a state may be. */
function profileOf(stack: string): string[] {
  try {
    const { delivery } = stackSettings(stack);
    return delivery.kind === "minikube" ? [delivery.profile] : [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    say(`! Pulumi.${stack}.yaml can't be read: a Minikube profile that it alone names stays`);
    return [];
  }
}
