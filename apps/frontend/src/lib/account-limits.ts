/** Lengths in characters of what an account is made of; the same in forms and on the server. */
export const ACCOUNT_LIMITS = {
  name: { min: 1, max: 100 },
  /** RFC 5321's longest path, without its brackets. */
  email: { max: 254 },
  password: { min: 8, max: 128 },
} as const;
