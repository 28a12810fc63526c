import { NextRequest } from "next/server";
import { describe, expect, it, vi } from "vitest";
import { config, proxy } from "./proxy";

describe("each page", () => {
  const ask = (path = "/chat") => proxy(new NextRequest(`http://todo.example${path}`));
  const policyOf = (response: Response) => response.headers.get("content-security-policy") ?? "";
  /** A header of the request as the page's own code gets it. */
  const passed = (response: Response, name: string) =>
    response.headers.get(`x-middleware-request-${name}`);

  it("gets a policy of its own, which its scripts know the word for", () => {
    const [one, other] = [ask(), ask()];
    expect(policyOf(one)).not.toBe(policyOf(other));
    expect(passed(one, "content-security-policy")).toBe(policyOf(one));
    const nonce = passed(one, "x-nonce");
    expect(nonce).toBeTruthy();
    expect(policyOf(one)).toContain(`'nonce-${nonce}'`);
  });

  it("learns its address, with what was asked", () => {
    expect(passed(ask("/tasks?show=today"), "x-request-path")).toBe("/tasks?show=today");
  });

  it.each([
    ["http://todo.example", false],
    ["https://todo.example", true],
    [undefined, false],
  ])("keeps to https where the site has it: %s", (url, https) => {
    vi.stubEnv("BETTER_AUTH_URL", url);
    expect(ask().headers.has("strict-transport-security")).toBe(https);
  });

  it("loads nothing from elsewhere but OpenAI's component, where that is configured", () => {
    vi.stubEnv("CHATKIT_DOMAIN_KEY", undefined);
    vi.stubEnv("CHATKIT_SCRIPT_URL", "https://cdn.example/chatkit.js");
    expect(policyOf(ask())).not.toContain("cdn.example");
    vi.stubEnv("CHATKIT_DOMAIN_KEY", "key");
    expect(policyOf(ask())).toContain("https://cdn.example");
    vi.stubEnv("CHATKIT_SCRIPT_URL", "");
    expect(policyOf(ask())).toContain("https://cdn.platform.openai.com");
  });

  it("evaluates text as code in development alone", () => {
    expect(policyOf(ask())).not.toContain("unsafe-eval");
    vi.stubEnv("NODE_ENV", "development");
    expect(policyOf(ask())).toContain("unsafe-eval");
  });

  it.each([
    ["/chat", true],
    ["/sign-in", true],
    ["/api/backend/api/tasks", false],
    ["/_next/static/chunk.js", false],
    ["/icon.svg", false],
    ["/manifest.webmanifest", false],
  ])("is what has a policy, and nothing else: %s", (path, isPage) => {
    expect(config.matcher.some((pattern) => new RegExp(`^${pattern}$`).test(path))).toBe(isPage);
  });
});
