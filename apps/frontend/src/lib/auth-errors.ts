/** Why signing in or up didn't work, fit for people, and the field that it is about. */
export interface AuthFailure {
  message: string;
  field?: "name" | "email" | "password" | "newPassword";
}

const MESSAGES: Record<string, AuthFailure> = {
  INVALID_EMAIL_OR_PASSWORD: {
    message: "That email and password don't match. Check both and try again.",
    field: "password",
  },
  USER_ALREADY_EXISTS: {
    message: "There is already an account with this email. Sign in instead?",
    field: "email",
  },
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: {
    message: "There is already an account with this email. Sign in instead?",
    field: "email",
  },
  INVALID_EMAIL: { message: "That doesn't look like an email address.", field: "email" },
  PASSWORD_TOO_SHORT: { message: "Choose a password of 8 characters or more.", field: "password" },
  PASSWORD_TOO_LONG: { message: "Choose a password of 128 characters or less.", field: "password" },
};

/** What a failed answer may say of itself. */
interface FailureBody {
  code?: unknown;
  message?: unknown;
  errors?: Array<{ name?: unknown }>;
}

const FIELDS = ["name", "email", "password"] as const;

/** Turns a failed answer of the accounts' API into something to show. */
export function describeAuthError(status: number, body: unknown, origin: string): AuthFailure {
  const { code, message, errors } = (
    typeof body === "object" && body !== null ? body : {}
  ) as FailureBody;
  const text = typeof message === "string" && message ? message : undefined;
  const known = typeof code === "string" ? MESSAGES[code] : undefined;
  if (known) return known;
  if (code === "INVALID_ORIGIN" || status === 403) {
    return {
      message: `Signing in from ${origin} isn't allowed. Open the site at its usual address, or have this one added to the trusted origins.`,
    };
  }
  if (status === 429) {
    return { message: text ?? "Too many attempts. Wait a few seconds and try again." };
  }
  if (status >= 500) {
    return { message: "Signing in isn't possible right now. Please try again in a moment." };
  }
  const field = FIELDS.find((name) => errors?.[0]?.name === `body.${name}`);
  return { message: text ?? "That didn't work. Try again.", ...(field && { field }) };
}
