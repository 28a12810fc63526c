import { messageOf, UserError } from "../../common/errors";
import type { Cluster } from "../session/cluster";
import type { Session } from "../session/session";
import { type Finding, problem, warning } from "./finding";

/** What checks stand on. */
export interface Grounds {
  /** Version of the Docker engine, which answers. */
  engine: string;
  /** The stack, whose configuration is right; no more is known of its cluster. */
  session: Session;
  /** The stack's cluster, which answers. */
  cluster: Cluster;
  /** The Minikube profile of a stack that is on one. */
  profile: string;
  /** The registry of a stack that delivers its images by one. */
  registry: string;
  /** The node port of a stack that has one. */
  nodePort: number;
  /** The Minikube profile of a stack that users reach by its tunnel. */
  tunnel: string;
  /** Port on this machine of a stack's local database. */
  databasePort: number;
}

/** Why something isn't there to stand on; a finding of its own tells what to do about it. */
export class Missing {
  constructor(readonly reason: string) {}
}

/** The stack has nothing to do with it. */
export const UNNEEDED = Symbol("unneeded");

/** Something to stand on, or why it is not there. */
export type Ground<T> = T | Missing | typeof UNNEEDED;

/** All that is known before the checks. */
export type Facts = { readonly [K in keyof Grounds]: Ground<Grounds[K]> };

/** Looks at one thing; always tells something unless the stack has nothing to do with it. */
export type Check = (facts: Facts) => Promise<readonly Finding[]>;

/**
 * A check that needs some grounds: it is left out where the stack has nothing to do with one of them, and
 * says so where one is missing.
 * @param look what it does; what it throws is a finding too
 */
export function check<K extends keyof Grounds>(
  subject: string,
  needs: readonly K[],
  look: (grounds: Pick<Grounds, K>) => Promise<readonly Finding[]>,
): Check {
  return async (facts) => {
    if (needs.some((need) => facts[need] === UNNEEDED)) return [];
    if (hasAll(facts, needs)) return look(facts).catch((error) => [thrown(subject, error)]);
    const reasons = needs.map((need) => facts[need]).filter((fact) => fact instanceof Missing);
    return [notChecked(subject, reasons[0]?.reason ?? "")];
  };
}

function hasAll<K extends keyof Grounds>(
  facts: Facts,
  needs: readonly K[],
): facts is Facts & Pick<Grounds, K> {
  return needs.every((need) => !(facts[need] instanceof Missing));
}

/** What couldn't be looked at, for a reason that has a finding of its own. */
export function notChecked(subject: string, reason: string): Finding {
  return warning(subject, `not checked: ${reason}`, "mend that first, then npm run doctor again");
}

/** A check that failed itself. */
export function thrown(subject: string, error: unknown): Finding {
  if (error instanceof UserError)
    return problem(subject, `${error.what}: ${error.why}`, error.next);
  const [first = ""] = messageOf(error).split("\n");
  return problem(subject, `can't be told: ${first}`, "mend that first, then npm run doctor again");
}
