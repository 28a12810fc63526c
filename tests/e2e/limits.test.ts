import { randomBytes } from "node:crypto";
import { canStartFrontEnd, type FrontEnd, startFrontEnd } from "./support/front-end";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { expect, test } from "./support/test";

/** Requests to sign up that one address may send within a minute. */
const SIGN_UPS = 120;

/** The status of a request to sign up that has nothing in it. */
async function signUpWithNothing(base: string, address: string): Promise<number> {
  const response = await fetch(`${base}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: base, "x-forwarded-for": address },
    body: "{}",
  });
  await response.arrayBuffer();
  return response.status;
}

/** An address, of those meant for documentation, that nobody else has. */
function newAddress(): string {
  return `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;
}

test.describe("the limits on signing in", () => {
  test("hold for all front ends together, and for one that has just started", async () => {
    test.skip(!canStartFrontEnd);
    test.setTimeout(240_000);
    const start = () => startFrontEnd({ TRUSTED_PROXIES: "127.0.0.0/8,::1" });
    const starting = [start(), start()];
    try {
      const [first, second] = (await Promise.all(starting)) as [FrontEnd, FrontEnd];
      const address = newAddress();
      const statuses = await Promise.all(
        Array.from({ length: SIGN_UPS }, (_, index) =>
          signUpWithNothing(index % 2 ? first.url : second.url, address),
        ),
      );
      expect(new Set(statuses)).toEqual(new Set([400]));
      expect(await signUpWithNothing(first.url, address)).toBe(429);
      expect(await signUpWithNothing(second.url, address)).toBe(429);
      // Others aren't in the way.
      expect(await signUpWithNothing(second.url, newAddress())).toBe(400);

      await first.stop();
      const third = start();
      starting.push(third);
      const restarted = await third;
      expect(await signUpWithNothing(restarted.url, address)).toBe(429);
    } finally {
      // Also those that came up where another one didn't.
      const started = await Promise.allSettled(starting);
      const running = started.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      await Promise.all(running.map((frontEnd) => frontEnd.stop()));
    }
  });

  test("go by where a request comes from, not by where it says it does", async () => {
    const forged = newAddress();
    const headers = {
      "content-type": "application/json",
      origin: settings.baseUrl,
      "x-forwarded-for": forged,
    };
    const signedUp = await fetch(`${settings.baseUrl}/api/auth/sign-up/email`, {
      method: "POST",
      headers,
      body: JSON.stringify(newPerson()),
    });
    const cookie = signedUp.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const answer = await fetch(`${settings.baseUrl}/api/auth/get-session`, {
      headers: { ...headers, cookie },
    });
    const { session } = (await answer.json()) as { session: { ipAddress: string } };
    expect(session.ipAddress).toMatch(/^[\da-f.:]+$/);
    expect(session.ipAddress).not.toContain("2001:0db8");
  });
});
