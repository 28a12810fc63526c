import { EXPECTED_USER_HEADER } from "./http";
import { announceSignOut } from "./session-watch";

/** How long the server may take, in milliseconds. */
const LIMIT_MS = 10_000;

let signingOut = false;

/** Whether this page ends its session, or has done so: that others of its requests are refused is no news then. */
export function isSigningOut(): boolean {
  return signingOut;
}

/** Ends the session, in all tabs. Tells whether the server has done so. */
export async function signOut(userId: string): Promise<boolean> {
  signingOut = true;
  signingOut = await end(userId);
  return signingOut;
}

async function end(userId: string): Promise<boolean> {
  try {
    const response = await fetch("/api/auth/sign-out", {
      method: "POST",
      headers: { "content-type": "application/json", [EXPECTED_USER_HEADER]: userId },
      body: "{}",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (response.ok) announceSignOut();
    return response.ok;
  } catch {
    return false;
  }
}
