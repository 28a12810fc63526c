const BYTES = 16;

/**
 * A random id of 32 hex digits. `crypto.randomUUID` would do, but browsers offer it in secure contexts
 * only, and a cluster's plain http address is none.
 */
export function uniqueId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
