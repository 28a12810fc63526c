import { describe, expect, it } from "vitest";
import { describeAuthError } from "./auth-errors";

const origin = "http://localhost:3000";

describe("describeAuthError", () => {
  it("doesn't tell which of email and password was wrong", () => {
    const { message } = describeAuthError(401, { code: "INVALID_EMAIL_OR_PASSWORD" }, origin);
    expect(message).toBe("That email and password don't match. Check both and try again.");
  });

  it("points at the email when the account exists", () => {
    const body = { code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" };
    expect(describeAuthError(422, body, origin).field).toBe("email");
  });

  it("names the address that isn't trusted", () => {
    const { message } = describeAuthError(403, { code: "INVALID_ORIGIN" }, origin);
    expect(message).toContain(origin);
  });

  it.each([
    [429, undefined, "Too many attempts. Wait a few seconds and try again."],
    [500, "<html>", "Signing in isn't possible right now. Please try again in a moment."],
    [400, { message: "Email is missing" }, "Email is missing"],
    [400, null, "That didn't work. Try again."],
  ])("explains status %i with body %j", (status, body, message) => {
    expect(describeAuthError(status, body, origin).message).toBe(message);
  });
});
