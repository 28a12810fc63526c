import { beforeEach, expect, it, vi } from "vitest";
import { start } from "./instrumentation.node";
import { installClientAddress } from "./lib/server/client-address";
import { EnvError, type ServerEnv } from "./lib/server/env";
import { installShutdown } from "./lib/server/lifecycle";
import { log } from "./lib/server/log";
import { installMalformedRequests } from "./lib/server/malformed-requests";
import { installNoUpgrades } from "./lib/server/no-upgrades";

const readEnv = vi.hoisted(() => vi.fn<() => Partial<ServerEnv>>());
vi.mock("./lib/server/env", async (original) => ({
  ...(await original<typeof import("./lib/server/env")>()),
  serverEnv: readEnv,
}));
vi.mock("./lib/server/client-address", () => ({ installClientAddress: vi.fn() }));
vi.mock("./lib/server/log", () => ({ log: vi.fn() }));
vi.mock("./lib/server/lifecycle", () => ({ installShutdown: vi.fn() }));
vi.mock("./lib/server/malformed-requests", () => ({ installMalformedRequests: vi.fn() }));
vi.mock("./lib/server/no-upgrades", () => ({ installNoUpgrades: vi.fn() }));

beforeEach(() => {
  vi.clearAllMocks();
  vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  readEnv.mockReturnValue({ trustedProxies: [], version: "1.2.3", environment: "development" });
});

it("what clients say of their address counts for nothing where no proxy is trusted", () => {
  start();
  expect(installClientAddress).toHaveBeenCalledExactlyOnceWith(false);
});

it("what proxies say counts where some are trusted", () => {
  readEnv.mockReturnValue({ trustedProxies: ["10.0.0.0/8"] });
  start();
  expect(installClientAddress).toHaveBeenCalledExactlyOnceWith(true);
});

it("the server ends in good order, answers malformed requests and upgrades nothing", () => {
  start();
  for (const install of [installShutdown, installMalformedRequests, installNoUpgrades])
    expect(install).toHaveBeenCalledOnce();
  expect(log).toHaveBeenCalledWith("info", "server.started", {
    version: "1.2.3",
    environment: "development",
  });
});

it("the development server keeps its own connection to the page", () => {
  vi.stubEnv("NODE_ENV", "development");
  start();
  expect(installNoUpgrades).not.toHaveBeenCalled();
  expect(installShutdown).toHaveBeenCalledOnce();
});

it("settings that are wrong end the server with one line that names them", () => {
  readEnv.mockImplementation(() => {
    throw new EnvError("BACKEND_URL must be a URL.");
  });
  start();
  expect(process.exit).toHaveBeenCalledExactlyOnceWith(1);
  expect(log).toHaveBeenCalledExactlyOnceWith("error", "server.misconfigured", {
    error: "BACKEND_URL must be a URL.",
  });
  expect(installShutdown).not.toHaveBeenCalled();
});

it("any other failure isn't hidden", () => {
  readEnv.mockImplementation(() => {
    throw new TypeError("a defect");
  });
  expect(start).toThrow("a defect");
  expect(process.exit).not.toHaveBeenCalled();
});
