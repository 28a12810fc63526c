import { expect, it } from "vitest";
import { isTrustedWrite, trustedOrigins } from "./origins";

const TRUSTED = trustedOrigins({
  publicUrl: "https://todo.example.com/app",
  trustedOrigins: ["https://*.preview.example.com", "localhost:300?", "http://one.test"],
});
const from = (headers: Record<string, string>): boolean =>
  isTrustedWrite(new Headers(headers), TRUSTED);

it("the public URL's origin comes first", () => {
  expect(TRUSTED[0]).toBe("https://todo.example.com");
  expect(TRUSTED).toHaveLength(4);
});

it.each([
  "https://todo.example.com",
  "HTTPS://TODO.EXAMPLE.COM",
  "https://a.preview.example.com",
  "https://a.b.preview.example.com",
  "http://localhost:3000",
  "https://localhost:3001",
])("a page of %s may write", (origin) => {
  expect(from({ origin })).toBe(true);
});

it.each([
  "http://todo.example.com",
  "https://todo.example.com.evil.test",
  "https://evil.test/https://todo.example.com",
  "https://todoXexample.com",
  "https://preview.example.com",
  "http://a.preview.example.com",
  "https://evil.test/.preview.example.com",
  "http://localhost:30000",
  "http://localhost:300",
  "http://one.test.evil",
  "null",
])("a page of %s may not", (origin) => {
  expect(from({ origin })).toBe(false);
});

it("who names no origin is no browser, unless it says that it is another page's", () => {
  expect(from({})).toBe(true);
  expect(from({ "sec-fetch-site": "same-origin" })).toBe(true);
  expect(from({ "sec-fetch-site": "none" })).toBe(true);
  expect(from({ "sec-fetch-site": "same-site" })).toBe(false);
  expect(from({ "sec-fetch-site": "cross-site" })).toBe(false);
});

it("an origin counts, whatever else is said", () => {
  expect(from({ origin: "https://evil.test", "sec-fetch-site": "same-origin" })).toBe(false);
});
