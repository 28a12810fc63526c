import { Pool } from "pg";
import { expect, it, vi } from "vitest";
import { createAuth, TOKEN_LIFETIME_SECONDS } from "./auth";
import { readServerEnv } from "./env";

const optionsAt = (publicUrl: string) => {
  const env = readServerEnv({
    NODE_ENV: "test",
    DATABASE_URL: "postgresql://u@127.0.0.1:1/d",
    BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
    BETTER_AUTH_URL: publicUrl,
    BACKEND_URL: "http://localhost:7860",
  });
  return createAuth(env, new Pool()).options;
};

it("sessions last 30 days, and are extended once a day", () => {
  expect(optionsAt("http://todo.example").session).toEqual({
    expiresIn: 2_592_000,
    updateAge: 86_400,
  });
});

it("the back end's tokens last a quarter of an hour", () => {
  expect(TOKEN_LIFETIME_SECONDS).toBe(900);
});

it("accounts are made by e-mail and password, of a length that forms ask for, and can be deleted", () => {
  const { emailAndPassword, user } = optionsAt("http://todo.example");
  expect(emailAndPassword).toEqual({
    enabled: true,
    autoSignIn: true,
    minPasswordLength: 8,
    maxPasswordLength: 128,
  });
  expect(user).toEqual({ deleteUser: { enabled: true } });
});

it("cookies are out of reach of scripts and other sites, and of http where the site has https", () => {
  const plain = optionsAt("http://todo.example").advanced;
  expect(plain.defaultCookieAttributes).toEqual({ httpOnly: true, sameSite: "lax" });
  expect(plain.useSecureCookies).toBe(false);
  expect(optionsAt("https://todo.example").advanced.useSecureCookies).toBe(true);
});

it("nobody else is told anything, and nothing is counted twice", () => {
  const { telemetry, rateLimit, advanced } = optionsAt("http://todo.example");
  expect(telemetry).toEqual({ enabled: false });
  expect(rateLimit).toEqual({ enabled: false });
  expect(advanced.database).toEqual({ validateSchema: false });
});

it.each([
  ["error", [new Error("broke")], { level: "error", message: "it failed", error: "broke" }],
  ["warn", [], { level: "warning", message: "it failed" }],
] as const)("what Better Auth says is a line of the log: %s", (level, details, told) => {
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  optionsAt("http://todo.example").logger.log(level, "it failed", ...details);
  const { timestamp: _, ...line } = JSON.parse(lines[0] ?? "{}");
  expect(line).toEqual({ event: "auth", ...told });
});
