"use strict";

/*
 * Runs before the Pulumi SDK in the program's process (Pulumi.yaml, nodeargs), and in the process of
 * the dynamic providers. What makes a preview start fast:
 * - TypeScript is transpiled by esbuild, once per content; types are checked by `npm run lint`.
 * - Two big packages that the SDK loads only to serialize closures are left until something asks for
 *   them. The program serializes none.
 * - The SDK takes a stack trace for every promise, and source-map-support translates each of them,
 *   shown or not: it is left out unless PULUMI_SOURCE_MAPS is set.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");

const DEFERRED = new Set(["typescript", "@npmcli/arborist"]);
const CACHE = join(__dirname, "../..", "node_modules", ".cache", "program");
const OPTIONS = { loader: "ts", format: "cjs", target: "node22", sourcemap: "inline" };
/** What else the code depends on: another esbuild, or other options, make other code of the same source. */
const COMPILER = `${require("esbuild/package.json").version}\0${JSON.stringify(OPTIONS)}`;

const load = Module._load;
Module._load = function (request, parent, isMain) {
  if (request === "source-map-support/register" && !process.env.PULUMI_SOURCE_MAPS) return {};
  if (!DEFERRED.has(request)) return load.call(this, request, parent, isMain);
  let loaded;
  const real = () => {
    loaded ??= load.call(Module, request, parent, isMain);
    return loaded;
  };
  return new Proxy(
    {},
    {
      get: (_, name) => (name === "__esModule" ? true : name === "default" ? real() : real()[name]),
      has: (_, name) => name in real(),
    },
  );
};

Module._extensions[".ts"] = (module, filename) => {
  const source = readFileSync(filename, "utf8");
  const key = createHash("sha256")
    .update(`${COMPILER}\0${filename}\0${source}`)
    .digest("hex")
    .slice(0, 32);
  module._compile(cached(key) ?? transpile(key, filename, source), filename);
};

function cached(key) {
  try {
    return readFileSync(join(CACHE, `${key}.js`), "utf8");
  } catch {
    return undefined;
  }
}

function transpile(key, filename, source) {
  const { code } = require("esbuild").transformSync(source, { ...OPTIONS, sourcefile: filename });
  try {
    mkdirSync(CACHE, { recursive: true });
    const partial = join(CACHE, `${key}.${process.pid}`);
    writeFileSync(partial, code);
    renameSync(partial, join(CACHE, `${key}.js`)); // another process may write the same file
  } catch {
    // a read-only clone transpiles each time
  }
  return code;
}
