import { createHmac } from "node:crypto";
import type { Count, Limit, RateLimits } from "./rate-limits";

/** Who tries to get into which account. */
export interface Attempt {
  /** As it was typed. */
  email: string;
  /** Where the request came from: an IPv4 address, or the /64 network of an IPv6 one. */
  address: string;
  /** The mark of a browser that the account has been used with before. */
  device?: string | undefined;
}

/** Either no, for so long; or yes, and whoever asked says how it ended. */
export type Verdict =
  | { allowed: false; retryAfterSeconds: number }
  | { allowed: true; succeeded(): Promise<void> };

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * How many wrong passwords are taken. A right one never counts.
 *
 * - A known browser has guesses of its own, whatever strangers do.
 * - A stranger has a few for each account from its address, and more for all accounts together, so that one
 *   address neither goes on guessing at an account nor through a list of them.
 * - An account that many wrong passwords come in for, from wherever, grants strangers less: a few for each
 *   network. So guessing with many addresses gets slow, and its owner can still sign in on a new device, as
 *   the networks of others don't count.
 */
export const SIGN_IN_LIMITS = {
  device: { max: 10, windowSeconds: 5 * MINUTE },
  addressAndAccount: { max: 10, windowSeconds: 5 * MINUTE },
  address: { max: 100, windowSeconds: 10 * MINUTE },
  /** Beyond it the account counts as attacked; nobody is refused for it alone. */
  account: { max: 50, windowSeconds: HOUR },
  /** Holds while the account is attacked. */
  networkAndAccount: { max: 3, windowSeconds: HOUR },
} as const;

/** Accounts that one address may ask for, whether they come about or not. */
export const SIGN_UP_LIMIT = { max: 120, windowSeconds: 2 * MINUTE } as const;

/** Wrong passwords that somebody who is signed in may enter where one is asked for again. */
export const PASSWORD_LIMIT = { max: 10, windowSeconds: 5 * MINUTE } as const;

type Kind = keyof typeof SIGN_IN_LIMITS;

/** The limits on signing in and up. */
export class SignInLimits {
  /** @param secret makes the keys, so that the table tells nobody's e-mail address */
  constructor(
    private readonly limits: Pick<RateLimits, "take" | "giveBack">,
    private readonly secret: string,
  ) {}

  /** Asks for a try at an account. */
  async signIn({ email, address, device }: Attempt): Promise<Verdict> {
    const account = normalizeEmail(email);
    const kinds: Array<Limit & { kind: Kind }> = device
      ? [this.limit("device", device, account)]
      : [
          this.limit("addressAndAccount", address, account),
          this.limit("address", address),
          this.limit("account", account),
          this.limit("networkAndAccount", networkOf(address), account),
        ];
    return this.ask(kinds, (counts) => {
      const attacked = counts.some(({ kind, count, max }) => kind === "account" && count > max);
      return counts.filter(
        ({ kind }) => kind !== "account" && (kind !== "networkAndAccount" || attacked),
      );
    });
  }

  /** Asks for leave to make an account; what is granted stays counted. */
  async signUp(address: string): Promise<Verdict> {
    return this.ask([{ key: this.key("sign-up", address), ...SIGN_UP_LIMIT }]);
  }

  /** Asks for leave to check the password of somebody who is signed in. */
  async password(userId: string): Promise<Verdict> {
    return this.ask([{ key: this.key("password", userId), ...PASSWORD_LIMIT }]);
  }

  private async ask<L extends Limit>(
    limits: readonly L[],
    thatHold: (counts: Array<L & Count>) => Array<L & Count> = (counts) => counts,
  ): Promise<Verdict> {
    const counts = await this.limits.take(limits);
    const exceeded = thatHold(counts).filter(({ count, max }) => count > max);
    if (exceeded.length === 0) {
      return { allowed: true, succeeded: () => this.limits.giveBack(limits) };
    }
    // What is refused isn't tried, so it must not use up what others share.
    await this.limits.giveBack(limits);
    const retryAfterSeconds = Math.max(1, ...exceeded.map(({ secondsLeft }) => secondsLeft));
    return { allowed: false, retryAfterSeconds };
  }

  private limit(kind: Kind, ...parts: string[]): Limit & { kind: Kind } {
    return { kind, key: this.key(`sign-in:${kind}`, ...parts), ...SIGN_IN_LIMITS[kind] };
  }

  private key(name: string, ...parts: string[]): string {
    const digest = createHmac("sha256", this.secret).update(parts.join("\0")).digest("base64url");
    return `${name}:${digest}`;
  }
}

/** An e-mail address as accounts are kept by. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The network that an address is in, of a size that one subscriber can have: /24, or /48. */
export function networkOf(address: string): string {
  if (address.includes(":")) return address.split(":").slice(0, 3).join(":");
  return address.split(".").slice(0, 3).join(".");
}
