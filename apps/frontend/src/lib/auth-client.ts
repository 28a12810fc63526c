/** What the forms send to Better Auth. */
export type Credentials = { email: string; password: string };
export type Registration = Credentials & { name: string };

export type AuthResult =
  | { ok: true }
  | { ok: false; message: string; field?: "email" | "password" };

const MESSAGES: Record<string, { message: string; field?: "email" | "password" }> = {
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

const UNREACHABLE = "We couldn't reach the server. Check your connection and try again.";

/** Turns a failed answer of Better Auth into something to show. */
export function describeAuthError(
  status: number,
  body: unknown,
  origin: string,
): { message: string; field?: "email" | "password" } {
  const code =
    typeof body === "object" && body !== null ? (body as { code?: unknown }).code : undefined;
  const known = typeof code === "string" ? MESSAGES[code] : undefined;
  if (known) return known;
  if (code === "INVALID_ORIGIN" || status === 403) {
    return {
      message: `Signing in from ${origin} isn't allowed. Open the site at its usual address, or have this one added to the trusted origins.`,
    };
  }
  if (status === 429) return { message: "Too many attempts. Wait a few seconds and try again." };
  if (status >= 500) {
    return { message: "Signing in isn't possible right now. Please try again in a moment." };
  }
  const text =
    typeof body === "object" && body !== null ? (body as { message?: unknown }).message : undefined;
  return { message: typeof text === "string" && text ? text : "That didn't work. Try again." };
}

async function post(path: string, body: object): Promise<AuthResult> {
  let response: Response;
  try {
    response = await fetch(`/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, message: UNREACHABLE };
  }
  if (response.ok) return { ok: true };
  const answer: unknown = await response.json().catch(() => undefined);
  return { ok: false, ...describeAuthError(response.status, answer, window.location.origin) };
}

export function signIn(credentials: Credentials): Promise<AuthResult> {
  return post("sign-in/email", credentials);
}

export function signUp(registration: Registration): Promise<AuthResult> {
  return post("sign-up/email", registration);
}

export function signOut(): Promise<AuthResult> {
  return post("sign-out", {});
}
