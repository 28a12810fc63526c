import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectionVariables, databaseConnection } from "../../../../cli/inside/database";
import type { Session } from "../../../../cli/session/session";
import { findDatabase } from "../../../../components/database/container";
import { networkOf } from "../../../../components/minikube/profile";
import { folderWith } from "../../support/folder";

jest.mock("../../../../components/database/container", () => ({
  ...jest.requireActual<object>("../../../../components/database/container"),
  findDatabase: jest.fn(),
}));
jest.mock("../../../../components/minikube/profile", () => ({
  ...jest.requireActual<object>("../../../../components/minikube/profile"),
  networkOf: jest.fn(),
}));

const URL = "postgresql+asyncpg://tom:p%40ss@db.example.com/todo?sslmode=require&ssl=x";

function session(databaseUrl: string | undefined, answer = ""): Session {
  return {
    stack: "dev",
    settings: {
      secrets: { databaseUrl },
      delivery: { kind: "minikube", profile: "team" },
      network: { caCertificates: "the company's" },
    },
    tools: { env: { PATH: "/tools" } },
    cluster: {
      namespace: "todo-app",
      answers: async () => true,
      try: async () => ({ code: 0, stdout: answer, stderr: "" }),
    },
  } as never;
}

beforeEach(() => jest.mocked(networkOf).mockReturnValue("team"));

describe("npm run psql", () => {
  it("runs in the local database's container, where no password is asked for", async () => {
    jest.mocked(findDatabase).mockResolvedValue({ running: true } as never);
    const { args } = await databaseConnection(session(undefined), ["--csv"]);
    expect(args).toEqual([
      ...["exec", "--interactive", "todo-app-dev-database", "psql"],
      ...["--username", "todo", "--dbname", "todo", "--csv"],
    ]);
  });

  it("says what to do where the local database doesn't run", async () => {
    jest.mocked(findDatabase).mockResolvedValue({ running: false } as never);
    await expect(databaseConnection(session(undefined), [])).rejects.toMatchObject({
      what: 'the database of stack "dev" doesn\'t run',
      next: "npm run up -- --stack dev",
    });
  });

  it("takes a configured database's URL from the pods' Secret, and puts it on no command line", async () => {
    const encoded = Buffer.from(URL).toString("base64");
    const { args, env } = await databaseConnection(session("configured", encoded), []);
    expect(args.slice(0, 5)).toEqual(["run", "--rm", "--interactive", "--network", "team"]);
    expect(args.slice(-2)).toEqual(["postgres:15", "psql"]);
    expect(env).toMatchObject({ PGHOST: "db.example.com", PGPASSWORD: "p@ss" });
    expect(args.join(" ")).not.toMatch(/p@ss|p%40ss|example\.com/);
    expect(args.join(" ")).toContain("--env PGPASSWORD");
  });

  it.each(["sslmode=verify-full", "sslmode=verify-ca", "sslrootcert=system"])(
    "trusts with %s what the pods trust: the usual authorities, and the configured ones",
    async (query) => {
      const url = Buffer.from(`postgresql://tom:secret@db.example.com/todo?${query}`);
      const { args, env } = await databaseConnection(
        session("configured", url.toString("base64")),
        ["--csv"],
      );
      const script = args[args.indexOf("-c") + 1] ?? "";
      expect(args.slice(args.indexOf("postgres:15"))).toEqual([
        ...["postgres:15", "sh", "-c", script, "psql", "--csv"],
      ]);
      const folder = folderWith({ psql: "#!/bin/sh\n" });
      chmodSync(join(folder, "psql"), 0o755);
      execFileSync("sh", ["-c", script.replaceAll("/tmp/", `${folder}/`), "psql"], {
        env: { ...env, PATH: `${folder}:/usr/bin:/bin` },
        stdio: "pipe",
      });
      expect(env.PGSSLROOTCERT).toBe("/tmp/authorities.pem");
      const trusted = readFileSync(join(folder, "authorities.pem"), "utf8");
      expect(trusted.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(100);
      expect(trusted.endsWith("the company's\n")).toBe(true);
    },
  );

  it("knows the host's name of Minikube's pods", async () => {
    const url = "postgresql://tom:secret@host.minikube.internal:5433/todo";
    const { args } = await databaseConnection(
      session("configured", Buffer.from(url).toString("base64")),
      [],
    );
    expect(args).toContain("host.minikube.internal:host-gateway");
  });

  it("says that there is no Secret where the stack isn't deployed", async () => {
    await expect(databaseConnection(session("configured"), [])).rejects.toMatchObject({
      why: "namespace todo-app has no Secret todo-app-secrets with its URL",
      next: "npm run up -- --stack dev",
    });
  });
});

describe("a connection URL", () => {
  it("is what libpq reads from the environment, decoded", () => {
    expect(connectionVariables(URL)).toEqual({
      ...{ PGHOST: "db.example.com", PGPORT: "5432", PGDATABASE: "todo" },
      ...{ PGUSER: "tom", PGPASSWORD: "p@ss", PGSSLMODE: "require" },
    });
  });

  it("may name an IPv6 address and a port", () => {
    expect(connectionVariables("postgres://a:b@[::1]:6543/c")).toMatchObject({
      ...{ PGHOST: "::1", PGPORT: "6543" },
    });
  });
});
