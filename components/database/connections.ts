import type { Settings } from "../settings/settings";

/** What PostgreSQL lets ordinary users have unless it is configured otherwise: 100, but for 3 of a superuser's. */
export const USUAL_LIMIT = 97;

/**
 * Connections that a stack may open at most: each pod's pool, one more of each back-end pod for its readiness, and
 * one pod more of each service while a rollout replaces them.
 */
export function connectionsOf({
  replicas,
  database,
}: Pick<Settings, "replicas" | "database">): number {
  return (replicas + 1) * (2 * database.poolSize + 1);
}

/** The pool size with which a stack stays within a limit; undefined where none does. */
export function fittingPool(
  { replicas }: Pick<Settings, "replicas">,
  limit: number,
): number | undefined {
  const size = Math.floor((limit / (replicas + 1) - 1) / 2);
  return size >= 1 ? size : undefined;
}
