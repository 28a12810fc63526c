import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { expect, test } from "./support/test";

const https = settings.baseUrl.startsWith("https:");

/** The cookies of somebody who has just signed up. */
async function signUp(): Promise<string> {
  const answer = await fetch(`${settings.baseUrl}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: settings.baseUrl },
    body: JSON.stringify(newPerson()),
  });
  expect(answer.status).toBe(200);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

/** A policy's sources by directive. */
function directives(policy: string | null): Map<string, string[]> {
  return new Map(
    (policy ?? "").split(";").map((directive) => {
      const [name = "", ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

function nonceOf(response: Response): string | undefined {
  const sources = directives(response.headers.get("content-security-policy")).get("script-src");
  return sources?.map((source) => /^'nonce-(.+)'$/.exec(source)?.[1]).find(Boolean);
}

test.describe("headers", () => {
  let cookie: string;

  test.beforeEach(async () => {
    cookie = await signUp();
  });

  const load = (path: string, signedIn: boolean): Promise<Response> =>
    fetch(`${settings.baseUrl}${path}`, {
      redirect: "manual",
      headers: signedIn ? { cookie } : {},
    });

  for (const [path, signedIn, status] of [
    ["/sign-in", false, 200],
    ["/sign-up", false, 200],
    ["/chat", false, 307],
    ["/chat", true, 200],
    ["/tasks", true, 200],
    ["/nowhere", true, 404],
  ] as const)
    test(`protect ${path} (signed in: ${signedIn})`, async () => {
      const response = await load(path, signedIn);
      const html = await response.text();
      expect(response.status).toBe(status);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("x-frame-options")).toBe("DENY");
      expect(response.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
      expect(response.headers.get("permissions-policy")).toMatch(/camera=\(\)/);
      expect(response.headers.get("x-powered-by")).toBeNull();
      // Over plain http it would be a promise that the site doesn't keep.
      expect(response.headers.has("strict-transport-security")).toBe(https);

      const policy = directives(response.headers.get("content-security-policy"));
      expect(policy.get("default-src")).toEqual(["'self'"]);
      expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
      expect(policy.get("object-src")).toEqual(["'none'"]);
      expect(policy.get("base-uri")).toEqual(["'self'"]);
      expect(policy.get("form-action")).toEqual(["'self'"]);
      expect(policy.get("script-src")).not.toContain("'unsafe-inline'");
      expect(policy.get("script-src")).not.toContain("'unsafe-eval'");

      expect(policy.get("report-uri")).toEqual(["/api/csp-reports"]);

      const nonce = nonceOf(response);
      expect(nonce?.length).toBeGreaterThan(20);
      if (status === 200) expect(html).toContain(`nonce="${nonce}"`);
      // Nobody can know the next one.
      expect(nonceOf(await load(path, signedIn))).not.toBe(nonce);
    });

  for (const path of ["/api/health", "/api/backend/api/tasks", "/api/auth/get-session"])
    test(`let nothing be made of what ${path} answers`, async () => {
      const response = await load(path, true);
      await response.text();
      const policy = directives(response.headers.get("content-security-policy"));
      expect(policy.get("default-src")).toEqual(["'none'"]);
      expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.has("strict-transport-security")).toBe(false);
    });
});
