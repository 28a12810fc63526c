import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import satisfies from "semver/functions/satisfies";
import minVersion from "semver/ranges/min-version";
import manifest from "../../package.json";
import lock from "../../package-lock.json";

const ROOT = join(__dirname, "../..");
/** What commands and the program run; tests and their runner are not among it. */
const RUNS = readdirSync(ROOT, { withFileTypes: true })
  .filter(
    (entry) =>
      entry.isDirectory() && !/^(\.|node_modules|apps|helm|docs|reports|tests)/.test(entry.name),
  )
  .map(({ name }) => name);
const IMPORT =
  /(?:^(?:import|export|\}).* from |^import |\bimport\(|(?<![.\w])require\()"([^".][^"]*)"/gm;

interface Locked {
  engines?: { node?: string };
  dev?: boolean;
}

describe("package.json", () => {
  it.each(["22.12.0", "24.0.0", "26.0.0"])(
    "is right in promising Node.js %s: no package refuses it",
    (version) => {
      expect(satisfies(version, manifest.engines.node)).toBe(true);
      const packages = Object.entries(lock.packages as Record<string, Locked>);
      const refusing = packages.filter(
        ([, { engines }]) => engines?.node && !satisfies(version, engines.node),
      );
      expect(refusing.map(([name, { engines }]) => `${name} wants ${engines?.node}`)).toEqual([]);
    },
  );

  it("promises no Node.js that the Pulumi SDK doesn't", () => {
    const oldest = minVersion(manifest.engines.node)?.version ?? "";
    const sdk = lock.packages["node_modules/@pulumi/pulumi"].engines.node;
    expect(satisfies(oldest, sdk)).toBe(true);
  });

  it("has all that commands import among the dependencies, so that an install for production is whole", () => {
    const used = new Set<string>();
    for (const file of ["index.ts", ...RUNS.flatMap(sources)]) {
      for (const [, name = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)) {
        if (!name.startsWith("node:") && !builtinModules.includes(name)) used.add(packageOf(name));
      }
    }
    expect(used).toContain("@pulumi/pulumi");
    const declared = Object.keys(manifest.dependencies);
    expect([...used].filter((name) => !declared.includes(name))).toEqual([]);
  });

  it("has one Playwright: what tests import of it directly is what its test runner brings", () => {
    const { "@playwright/test": runner, "playwright-core": core } = manifest.devDependencies;
    expect(core).toBe(runner);
  });

  it("starts every command by the file that checks Node.js first", () => {
    const started = Object.entries(manifest.scripts).filter(([, script]) =>
      script.includes("node "),
    );
    expect(started.filter(([, script]) => !script.startsWith("node common/start.cjs "))).toEqual(
      [],
    );
    expect(started.length).toBeGreaterThan(10);
  });

  it("pins every version", () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual(
      [],
    );
  });
});

function sources(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => /\.(ts|cjs)$/.test(name) && !name.includes("node_modules"))
    .map((name) => join(folder, name));
}

function packageOf(module: string): string {
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}
