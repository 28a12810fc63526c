"use strict";

/*
 * Starts a command of this project: node common/start.cjs FILE.ts [arguments]
 * Without a file it only checks the version of Node.js. An old one must be able to read this much.
 */
const path = require("node:path");
const { engines } = require("../package.json");

const needed = /\d+\.\d+/.exec(engines.node)[0];
if (isOlder(process.versions.node, needed)) {
  const [major] = needed.split(".");
  refuse(
    `Node.js ${process.versions.node} is too old`,
    `this project and the Pulumi SDK need Node.js ${needed} or newer`,
    `install it from https://nodejs.org or with a version manager (nvm install ${major}), then npm ci`,
  );
} else if (process.argv[2]) {
  start(path.resolve(process.argv[2]));
}

function start(file) {
  // Node.js keeps what it compiled: the next command starts sooner.
  require("node:module").enableCompileCache(path.join(__dirname, "../node_modules/.cache/node"));
  try {
    require("tsx/cjs");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    refuse("the project's packages are not installed", "node_modules has no tsx", "npm ci");
    return;
  }
  process.argv.splice(1, 2, file); // as if Node.js had been called with the file itself
  require(file);
}

function isOlder(version, other) {
  const [major, minor] = version.split(".").map(Number);
  const [otherMajor, otherMinor] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function refuse(what, why, next) {
  process.stderr.write(`✗ ${what}\n  why:  ${why}\n  next: ${next}\n`);
  process.exitCode = 1;
}
