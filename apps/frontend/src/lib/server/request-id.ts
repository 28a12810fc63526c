/** The ids that the back end keeps; it would answer with one of its own instead of any other. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** A caller's request id when it is well-formed, else a new one. */
export function requestId(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}
