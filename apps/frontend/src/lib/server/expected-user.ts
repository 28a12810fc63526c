import { EXPECTED_USER_HEADER } from "../http";

/**
 * Whether a request is meant for somebody else than the cookie says: a tab that was opened by one person
 * must not read or write as another who has signed in since, in another tab. Requests that name nobody,
 * as those of other clients, are meant for whoever the cookie belongs to.
 */
export function isForAnotherUser(headers: Headers, userId: string): boolean {
  const expected = headers.get(EXPECTED_USER_HEADER);
  return expected !== null && expected !== userId;
}
