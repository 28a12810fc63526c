import { readFileSync } from "node:fs";
import { join } from "node:path";
import { databaseName, runArguments } from "../../../scripts/database";

const compose = readFileSync(join(__dirname, "../../../compose.yaml"), "utf8");
const variables = {
  STACK: "test",
  DATABASE_PASSWORD: "hunter2",
  DATABASE_PORT: "55440",
  CLUSTER_GATEWAY: "192.168.49.1",
};

test("plain docker runs the container that compose.yaml describes", () => {
  const { args, environment } = runArguments(compose, variables);
  expect(args).toEqual([
    ...["run", "--detach", "--name", databaseName("test"), "--restart", "unless-stopped"],
    ...["--env", "POSTGRES_USER", "--env", "POSTGRES_DB", "--env", "POSTGRES_PASSWORD"],
    ...["--publish", "127.0.0.1:55440:5432", "--publish", "192.168.49.1:55440:5432"],
    ...["--volume", `${databaseName("test")}:/var/lib/postgresql/data`, "postgres:15"],
  ]);
  expect(environment).toEqual({
    POSTGRES_USER: "todo",
    POSTGRES_DB: "todo",
    POSTGRES_PASSWORD: "hunter2",
  });
});

test("no password on the command line, no port on every interface", () => {
  const text = runArguments(compose, variables).args.join(" ");
  expect(text).not.toContain("hunter2");
  expect(text).not.toMatch(/--publish (\d+|0\.0\.0\.0):/);
});

test("what must be set is asked for by name", () => {
  expect(() => runArguments(compose, { STACK: "test" })).toThrow(/DATABASE_PASSWORD is not set/);
});
