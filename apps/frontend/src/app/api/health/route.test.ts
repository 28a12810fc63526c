import { afterEach, expect, it, vi } from "vitest";
import { lifecycle } from "@/lib/server/lifecycle";
import { GET } from "./route";

afterEach(() => {
  lifecycle().draining = false;
});

it("says that it is healthy, and which version it is, to be kept by nobody", async () => {
  vi.stubEnv("APP_VERSION", "1.2.3");
  const response = GET();
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    status: "healthy",
    service: "todo-frontend",
    version: "1.2.3",
  });
});

it("says that it is about to go", async () => {
  lifecycle().draining = true;
  const response = GET();
  expect(response.status).toBe(503);
  expect((await response.json()).status).toBe("draining");
});

it("doesn't know its version where nobody says", async () => {
  vi.stubEnv("APP_VERSION", "");
  expect((await GET().json()).version).toBe("unknown");
});
