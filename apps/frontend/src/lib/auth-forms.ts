import type { AuthFailure } from "./auth-errors";

/** Which of the two ways in. */
export type AuthMode = "sign-in" | "sign-up";

/** Why one is at the sign-in page without having asked for it. */
export const SIGN_IN_REASONS = ["expired", "everywhere", "deleted"] as const;
export type SignInReason = (typeof SIGN_IN_REASONS)[number];

/** What a sign-in page shows. */
export interface SignInView {
  mode: AuthMode;
  /** Where one lands afterwards: a path of this site. */
  next: string;
  reason: SignInReason | null;
  /** What was sent before, but for the password. */
  entered: { name: string; email: string };
  /** Why that didn't work. */
  failure: AuthFailure | null;
  /** Whether it is certain that nobody is signed in, which other tabs are told. */
  signedOut: boolean;
}

/** What one can do with an account. */
export const ACCOUNT_ACTIONS = [
  "change-password",
  "sign-out-everywhere",
  "delete-account",
] as const;
export type AccountAction = (typeof ACCOUNT_ACTIONS)[number];

/** What the account page shows. */
export interface AccountView {
  user: { id: string; name: string; email: string };
  /** What was just done. */
  done: "change-password" | null;
  /** Why something wasn't done. */
  failure: (AuthFailure & { action: AccountAction | null }) | null;
}
