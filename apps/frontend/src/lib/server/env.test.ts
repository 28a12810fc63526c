import { describe, expect, it } from "vitest";
import { EnvError, readServerEnv } from "./env";

const valid = {
  NODE_ENV: "test",
  DATABASE_URL: "postgresql://todo:pw@db:5432/todo?sslmode=require",
  BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
  BETTER_AUTH_URL: "https://todo.example/",
  BACKEND_URL: "http://todo-app-backend:7860/",
} as const satisfies NodeJS.ProcessEnv;

describe("readServerEnv", () => {
  it("reads what is set and fills in the rest", () => {
    expect(
      readServerEnv({ ...valid, TRUSTED_ORIGINS: "http://a:1/, http://b:2 ,", APP_VERSION: "" }),
    ).toMatchObject({
      environment: "development",
      databasePoolSize: 5,
      publicUrl: "https://todo.example",
      backendUrl: "http://todo-app-backend:7860",
      trustedOrigins: ["http://a:1", "http://b:2"],
      trustedProxies: [],
      version: "unknown",
      chatkitDomainKey: undefined,
    });
  });

  it("takes addresses and ranges of proxies", () => {
    const given = { ...valid, TRUSTED_PROXIES: "10.0.0.0/8, 192.0.2.1,::1,2001:db8::/32" };
    expect(readServerEnv(given).trustedProxies).toEqual([
      "10.0.0.0/8",
      "192.0.2.1",
      "::1",
      "2001:db8::/32",
    ]);
  });

  it.each(["postgres://u@h/d", "postgresql+psycopg://u@h/d", "postgresql+asyncpg://u@h/d"])(
    "takes the database URL %s",
    (url) => {
      expect(readServerEnv({ ...valid, DATABASE_URL: url }).databaseUrl).toBe("postgresql://u@h/d");
    },
  );

  it.each([
    ["DATABASE_URL", ""],
    ["DATABASE_URL", "mysql://u@h/d"],
    ["BETTER_AUTH_SECRET", "short"],
    ["BETTER_AUTH_URL", "todo.example"],
    ["BETTER_AUTH_URL", "ftp://todo.example"],
    ["BACKEND_URL", " "],
    ["DB_POOL_SIZE", "0"],
    ["DB_POOL_SIZE", "many"],
    ["ENVIRONMENT", "prod"],
    ["TRUSTED_PROXIES", "proxy.example"],
    ["TRUSTED_PROXIES", "10.0.0.0/33"],
    ["TRUSTED_PROXIES", "10.0.0.1/8/9"],
  ])("refuses %s=%j and names it", (name, value) => {
    const read = () => readServerEnv({ ...valid, [name]: value });
    expect(read).toThrow(EnvError);
    expect(read).toThrow(name);
  });

  it("keeps secrets out of its messages", () => {
    const read = () => readServerEnv({ ...valid, DATABASE_URL: "mysql://todo:hunter2@db/todo" });
    expect(read).not.toThrow("hunter2");
  });
});
