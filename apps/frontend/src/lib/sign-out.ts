import { EXPECTED_USER_HEADER } from "./http";
import { announceSignOut } from "./session-watch";

/** How long the server may take, in milliseconds. */
const LIMIT_MS = 10_000;

/** Ends the session, in all tabs. Tells whether the server has done so. */
export async function signOut(userId: string): Promise<boolean> {
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
