import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, HTTPS_SECURITY_HEADERS } from "./security-headers";

function directives(policy: string): Map<string, string> {
  return new Map(
    policy.split("; ").map((part) => {
      const [name = "", ...values] = part.split(" ");
      return [name, values.join(" ")];
    }),
  );
}

describe("contentSecurityPolicy", () => {
  it("runs this response's scripts alone and talks to this site alone", () => {
    const policy = directives(contentSecurityPolicy({ nonce: "n1", https: false }));
    expect(policy.get("script-src")).toBe("'self' 'nonce-n1' 'strict-dynamic'");
    expect(policy.get("connect-src")).toBe("'self'");
    expect(policy.get("style-src")).toBe("'self' 'nonce-n1'");
    expect(policy.get("frame-src")).toBe("'none'");
    expect(policy.get("frame-ancestors")).toBe("'none'");
    expect(policy.get("object-src")).toBe("'none'");
    expect([...policy.values()].join(" ")).not.toContain("unsafe-eval");
    expect(policy.has("upgrade-insecure-requests")).toBe(false);
  });

  it("has browsers report what it keeps out, by the older way where they know no other", () => {
    const plain = directives(contentSecurityPolicy({ nonce: "n1", https: false }));
    expect([plain.get("report-uri"), plain.has("report-to")]).toEqual(["/api/csp-reports", false]);
    const secure = directives(contentSecurityPolicy({ nonce: "n1", https: true }));
    expect([secure.get("report-uri"), secure.get("report-to")]).toEqual([
      "/api/csp-reports",
      "csp",
    ]);
    expect(HTTPS_SECURITY_HEADERS["reporting-endpoints"]).toBe('csp="/api/csp-reports"');
  });

  it("insists on https where the site has it", () => {
    const policy = directives(contentSecurityPolicy({ nonce: "n1", https: true }));
    expect(policy.has("upgrade-insecure-requests")).toBe(true);
  });

  it("lets OpenAI's component in only where it is configured", () => {
    const origin = "https://cdn.platform.openai.com";
    const policy = directives(
      contentSecurityPolicy({ nonce: "n1", https: true, chatkitOrigin: origin }),
    );
    expect(policy.get("frame-src")).toBe(origin);
    expect(policy.get("script-src")).toContain(origin);
    expect(policy.get("style-src")).toBe("'self' 'unsafe-inline'");
  });
});
