import { readLimited } from "../limited-body";

/** Largest form that is taken, in bytes. */
export const MAX_FORM_BYTES = 16 * 1024;

/** What a form was filled in with, or null when it is longer than {@link MAX_FORM_BYTES}. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const text = await readLimited(request, MAX_FORM_BYTES);
  return text === null ? null : new URLSearchParams(text);
}
