import { z } from "zod";
import { ACCOUNT_LIMITS } from "../account-limits";

const { name, email, password } = ACCOUNT_LIMITS;

/** What can't be shown, or would turn a line round; Postgres refuses the first of them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;

/** Somebody's name as it is kept. */
export const nameField = z
  .string("Enter a name.")
  .trim()
  .min(name.min, "Enter a name.")
  .max(name.max, `Choose a name of ${name.max} characters or less.`)
  .refine((value) => !UNPRINTABLE.test(value), "Leave out of the name what can't be printed.");

const emailField = z
  .string("Enter an email address.")
  .trim()
  .max(email.max, `Enter an email address of ${email.max} characters or less.`);

/** A new password; its shortest length is checked by Better Auth, which says so by a code of its own. */
export const passwordField = z
  .string("Enter a password.")
  .max(password.max, `Choose a password of ${password.max} characters or less.`);

/** What is taken along to Better Auth; anything else is left out. */
export const signUpFields = z.object({
  name: nameField,
  email: emailField,
  password: passwordField,
  rememberMe: z.boolean().optional(),
});

/** A password of any length, as it may be older than the limits; the body's own limit holds. */
export const signInFields = z.object({
  email: emailField,
  password: z.string("Enter a password."),
  rememberMe: z.boolean().optional(),
});

/** What takes nothing. */
export const noFields = z.object({});
