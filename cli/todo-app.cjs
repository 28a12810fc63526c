#!/usr/bin/env node
"use strict";

/* The commands under one name, wherever one stands: todo-app COMMAND [arguments], after `npm link` in this folder. */
const { existsSync, readdirSync } = require("node:fs");
const path = require("node:path");

const [, , name = "help", ...args] = process.argv;
const command = ["-h", "--help"].includes(name) ? "help" : name;
const file = path.join(__dirname, "commands", `${command}.ts`);

if (/^[a-z]+$/.test(command) && existsSync(file)) {
  process.argv = [process.argv[0], require.resolve("../common/start.cjs"), file, ...args];
  require("../common/start.cjs");
} else {
  const names = readdirSync(path.join(__dirname, "commands")).map((each) =>
    each.replace(/\.ts$/, ""),
  );
  process.stderr.write(
    `✗ todo-app has no command ${JSON.stringify(name)}\n  why:  it has ${names.join(", ")}\n  next: todo-app help\n`,
  );
  process.exitCode = 64;
}
