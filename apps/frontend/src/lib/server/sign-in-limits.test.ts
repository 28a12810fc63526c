import { beforeEach, describe, expect, it } from "vitest";
import type { Count, Limit } from "./rate-limits";
import {
  networkOf,
  PASSWORD_LIMIT,
  SIGN_IN_LIMITS,
  SIGN_UP_LIMIT,
  SignInLimits,
} from "./sign-in-limits";

/** Counts in memory as the database does. */
class Counter {
  private readonly counts = new Map<string, number>();

  async take<L extends Limit>(limits: readonly L[]): Promise<Array<L & Count>> {
    return limits.map((limit) => {
      const count = (this.counts.get(limit.key) ?? 0) + 1;
      this.counts.set(limit.key, count);
      return { ...limit, count, secondsLeft: limit.windowSeconds };
    });
  }

  async giveBack(limits: readonly Limit[]): Promise<void> {
    for (const { key } of limits) this.counts.set(key, (this.counts.get(key) ?? 0) - 1);
  }

  get keys(): string[] {
    return [...this.counts.keys()];
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

const ADA = "ada@example.com";
const { device, addressAndAccount, address, account, networkAndAccount } = SIGN_IN_LIMITS;

describe("SignInLimits", () => {
  let counter: Counter;
  let limits: SignInLimits;

  beforeEach(() => {
    counter = new Counter();
    limits = new SignInLimits(counter, "a secret");
  });

  const fail = async (email: string, from: string, mark?: string): Promise<boolean> =>
    (await limits.signIn({ email, address: from, device: mark })).allowed;
  const failTimes = async (times: number, email: string, from: string): Promise<void> => {
    for (let time = 0; time < times; time++) await fail(email, from);
  };
  /** One wrong password from each of so many networks. */
  const attack = async (networks: number): Promise<number> => {
    let tried = 0;
    for (let n = 0; n < networks; n++) {
      if (await fail(ADA, `10.${n >> 8}.${n & 255}.1`)) tried++;
    }
    return tried;
  };

  it("take so many wrong passwords for an account from one address, and then none", async () => {
    await failTimes(addressAndAccount.max, ADA, "192.0.2.1");
    expect(await limits.signIn({ email: ADA, address: "192.0.2.1" })).toEqual({
      allowed: false,
      retryAfterSeconds: addressAndAccount.windowSeconds,
    });
  });

  it("keep nobody out for what another address did: 34 wrong passwords, then the right one", async () => {
    await failTimes(34, ADA, "192.0.2.1");
    expect(await fail(ADA, "198.51.100.7")).toBe(true);
    // Nor for what was done to another account.
    expect(await fail("grace@example.com", "192.0.2.1")).toBe(true);
  });

  it("never count a right password", async () => {
    for (let time = 0; time < 3 * address.max; time++) {
      const verdict = await limits.signIn({ email: ADA, address: "192.0.2.1" });
      if (!verdict.allowed) throw new Error("refused");
      await verdict.succeeded();
    }
    expect(counter.total).toBe(0);
  });

  it("let one address go through a list of accounts only so far", async () => {
    let tried = 0;
    for (let n = 0; n < 2 * address.max; n++) {
      if (await fail(`user${n}@example.com`, "192.0.2.1")) tried++;
    }
    expect(tried).toBe(address.max);
  });

  it("don't use up what others share by what is refused", async () => {
    await failTimes(10 * address.max, ADA, "192.0.2.1");
    expect(await fail("grace@example.com", "192.0.2.1")).toBe(true);
  });

  it("slow guesses that come from many addresses of a few networks", async () => {
    let tried = 0;
    for (let n = 0; n < 250; n++) if (await fail(ADA, `203.0.113.${n}`)) tried++;
    expect(tried).toBe(account.max);
  });

  it("keep the owner in on a new device while many networks guess", async () => {
    await attack(300);
    expect(await fail(ADA, "198.51.100.7")).toBe(true);
  });

  it("grant each network a few tries at an account that is attacked, and no more", async () => {
    await attack(account.max);
    const tries = await Promise.all(
      Array.from({ length: 6 }, (_, n) => fail(ADA, `198.51.100.${n}`)),
    );
    expect(tries.filter(Boolean)).toHaveLength(networkAndAccount.max);
  });

  it("give a known browser tries of its own, at the very address that guesses come from", async () => {
    await failTimes(2 * address.max, ADA, "192.0.2.1");
    for (let time = 0; time < device.max; time++) {
      expect(await fail(ADA, "192.0.2.1", "browser")).toBe(true);
    }
    expect(await fail(ADA, "192.0.2.1", "browser")).toBe(false);
    expect(await fail("grace@example.com", "192.0.2.1", "browser")).toBe(true);
  });

  it("take an account's address for one however it is typed", async () => {
    await failTimes(addressAndAccount.max, " ADA@Example.com ", "192.0.2.1");
    expect(await fail(ADA, "192.0.2.1")).toBe(false);
  });

  it("tell the table neither accounts nor addresses", async () => {
    await fail(ADA, "192.0.2.1");
    expect(counter.keys.join()).not.toMatch(/ada|192\.0/);
    expect(counter.keys).toHaveLength(4);
  });

  it("limit the accounts that one address can make", async () => {
    for (let time = 0; time < SIGN_UP_LIMIT.max; time++) {
      expect((await limits.signUp("192.0.2.1")).allowed).toBe(true);
    }
    expect((await limits.signUp("192.0.2.1")).allowed).toBe(false);
    expect((await limits.signUp("198.51.100.7")).allowed).toBe(true);
  });

  it("limit guesses by whoever sits at a browser that is signed in", async () => {
    for (let time = 0; time < 10; time++) {
      expect((await limits.password("u1")).allowed).toBe(true);
    }
    expect((await limits.password("u1")).allowed).toBe(false);
    expect((await limits.password("u2")).allowed).toBe(true);
  });
});

describe("networkOf", () => {
  it.each([
    ["203.0.113.9", "203.0.113"],
    ["2001:0db8:0001:0002:0000:0000:0000:0000", "2001:0db8:0001"],
    ["unknown", "unknown"],
  ])("of %s is %s", (from, network) => {
    expect(networkOf(from)).toBe(network);
  });
});

it("are so many within so long, in seconds", () => {
  expect(SIGN_IN_LIMITS).toEqual({
    device: { max: 10, windowSeconds: 300 },
    addressAndAccount: { max: 10, windowSeconds: 300 },
    address: { max: 100, windowSeconds: 600 },
    account: { max: 50, windowSeconds: 3_600 },
    networkAndAccount: { max: 3, windowSeconds: 3_600 },
  });
  expect(SIGN_UP_LIMIT).toEqual({ max: 120, windowSeconds: 120 });
  expect(PASSWORD_LIMIT).toEqual({ max: 10, windowSeconds: 300 });
});
