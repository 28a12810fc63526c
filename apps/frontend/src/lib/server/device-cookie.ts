import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type CookieNames, readCookie } from "./cookies";

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * Marks browsers that an account has been used with before, so that strangers who guess at its password
 * can't keep its owner out. It isn't worth anything to anybody else: it only gives guesses of its own.
 * See OWASP's "Slow Down Online Guessing Attacks with Device Cookies".
 */
export class DeviceCookies {
  constructor(
    private readonly names: CookieNames,
    private readonly secret: string,
  ) {}

  /** The browser's mark for the account, or undefined when it has none that is genuine. */
  known(headers: Headers, email: string): string | undefined {
    const [id = "", signature = ""] = (readCookie(headers, this.names.device) ?? "").split(".");
    const expected = Buffer.from(this.sign(id, email));
    const given = Buffer.from(signature);
    return id && given.length === expected.length && timingSafeEqual(given, expected)
      ? id
      : undefined;
  }

  /** The `Set-Cookie` value with which a browser is known for the account from now on. */
  issue(email: string): string {
    const id = randomBytes(16).toString("base64url");
    const attributes = ["Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${YEAR_SECONDS}`];
    if (this.names.device.startsWith("__Secure-")) attributes.push("Secure");
    return [`${this.names.device}=${id}.${this.sign(id, email)}`, ...attributes].join("; ");
  }

  private sign(id: string, email: string): string {
    return createHmac("sha256", this.secret).update(`device\0${id}\0${email}`).digest("base64url");
  }
}
