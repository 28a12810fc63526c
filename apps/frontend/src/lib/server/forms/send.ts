import { type AuthFailure, describeAuthError } from "@/lib/auth-errors";

/** What came of something that was asked of the accounts' API. */
export type Outcome = { cookies: string[] } | { status: number; failure: AuthFailure };

/** What an answer of the accounts' API means for whoever sent a form from `origin`. */
export async function outcomeOf(response: Response, origin: string): Promise<Outcome> {
  if (response.ok) return { cookies: response.headers.getSetCookie() };
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, failure: describeAuthError(response.status, body, origin) };
}

/** A form's request to the accounts' API at `path`, in the name of whoever sent it. */
export function toApiRequest(
  received: Headers,
  publicUrl: string,
  path: string,
  body: Record<string, unknown>,
): Request {
  const headers = new Headers(received);
  for (const name of ["content-length", "transfer-encoding"]) headers.delete(name);
  headers.set("content-type", "application/json");
  return new Request(`${publicUrl}/api/auth/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
}
