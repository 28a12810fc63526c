import { getAuth } from "./auth";
import { cookieNames, withAdoptedSession } from "./cookies";
import { serverEnv } from "./env";
import type { Authorization } from "./proxy/proxy";
import { within } from "./time-limit";
import { TokenSource } from "./token";

/** Longest time to find out who somebody is, in milliseconds: the database may be frozen. */
const LIMIT_MS = 8_000;

const KEY = Symbol.for("todo-frontend.tokens");
const store = globalThis as typeof globalThis & { [KEY]?: TokenSource };

/**
 * Somebody's leave to ask the back end, or null when nobody is signed in.
 * @throws Error when that can't be found out in time
 */
export async function authorize(headers: Headers): Promise<Authorization | null> {
  store[KEY] ??= new TokenSource(getAuth());
  const own = withAdoptedSession(headers, cookieNames(serverEnv().publicUrl));
  return within(LIMIT_MS, "finding out who is signed in", store[KEY].authorize(own));
}
