import type { TraceContext } from "./trace-context";

/** Longest time that the back end may take, in milliseconds. */
const LIMIT_MS = 15_000;

/**
 * Erases all that the back end has of a token's user, for good. May be repeated.
 * @throws Error when it isn't certain that all is gone
 */
export async function erase(
  backendUrl: string,
  token: string,
  { headers }: Pick<TraceContext, "headers">,
): Promise<void> {
  const response = await fetch(`${backendUrl}/api/account`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}`, ...headers },
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await response.body?.cancel();
  if (response.status !== 204) throw new Error(`the back end answered ${response.status}`);
}
