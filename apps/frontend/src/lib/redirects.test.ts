import { describe, expect, it } from "vitest";
import { HOME_PATH, safeNextPath, signInPath } from "./redirects";

describe("safeNextPath", () => {
  it.each(["/chat", "/chat/thr_1", "/tasks?filter=open"])("keeps %s", (path) => {
    expect(safeNextPath(path)).toBe(path);
  });

  it.each([
    undefined,
    null,
    "",
    "/",
    "chat",
    "https://evil.example/chat",
    "//evil.example/chat",
    "/\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "/x/../\\evil.example",
    "/%2e//evil.example",
    "javascript:alert(1)",
    "/sign-in",
    "/sign-up?next=/chat",
    "/api/auth/sign-out",
    "/x/../api/auth/sign-out",
  ])("turns %j into the home page", (path) => {
    expect(safeNextPath(path)).toBe(HOME_PATH);
  });
});

describe("signInPath", () => {
  it("comes back to where one was and says why", () => {
    expect(signInPath("/chat/thr_1", true)).toBe("/sign-in?next=%2Fchat%2Fthr_1&reason=expired");
  });

  it("is plain without a reason or another place", () => {
    expect(signInPath("/chat")).toBe("/sign-in");
    expect(signInPath("https://evil.example")).toBe("/sign-in");
  });
});
