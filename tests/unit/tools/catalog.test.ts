import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CLUSTER_TOOLS,
  type GoBuild,
  KUBERNETES_VERSION,
  PLUGINS,
  RUNC_WRAPPER,
  TEST_TOOLS,
  TOOLS,
} from "../../../tools/catalog";
import { sdkVersion } from "../../../tools/install";
import { folderWith } from "../support/folder";

const BUILD_FOLDER = join(__dirname, "../../../tools/offline/build");
const tools = [...TOOLS, ...CLUSTER_TOOLS, ...TEST_TOOLS, RUNC_WRAPPER];
const goBuilds: GoBuild[] = [
  ...tools.flatMap((tool) => tool.registry ?? []),
  ...PLUGINS.map((plugin) => plugin.otherwise),
].filter((source): source is GoBuild => source.from === "go");

describe("the list of tools", () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))(
    "gives every command of %s from its package registry source",
    (_name, tool) => {
      const given = (tool.registry ?? []).flatMap((source) => {
        if (source.from === "go") return Object.keys(source.packages);
        return Object.keys(source.from === "npm" ? source.members : source.lines);
      });
      expect([...given].sort()).toEqual([...tool.commands].sort());
    },
  );

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    "names an upstream release of %s whose checksum is published beside it",
    (_name, tool) => {
      for (const os of ["linux", "darwin"] as const) {
        for (const arch of ["amd64", "arm64"] as const) {
          const url = tool.upstream?.url({ os, arch }) ?? "";
          expect(url).toMatch(/^https:\/\//);
          expect(url).toContain(tool.version);
          expect(tool.upstream?.checksums({ os, arch })).toMatch(/^https:\/\/.*sha256|checksums/);
        }
      }
    },
  );

  it.each(goBuilds.map((build) => [build.folder, build] as const))(
    "pins the dependencies of %s by checksum",
    (folder, build) => {
      expect(existsSync(join(BUILD_FOLDER, folder, "go.mod"))).toBe(true);
      const needsSum = Object.values(build.packages).some((path) => path !== ".");
      if (needsSum) expect(existsSync(join(BUILD_FOLDER, folder, "go.sum"))).toBe(true);
    },
  );

  it.each([".", "examples/shop"])(
    "starts a program's own providers by the packages of its folder or of one above: %s",
    (program) => {
      const folder = folderWith({
        "node_modules/@pulumi/pulumi/cmd/dynamic-provider": "console.log(...process.argv.slice(2))",
        "components/runtime/startup.cjs": "console.log('started')",
        "examples/shop/index.ts": "",
      });
      const script = tools
        .flatMap(({ registry = [] }) => registry)
        .map((source) => source.from === "script" && source.lines["pulumi-resource-pulumi-nodejs"])
        .find((lines) => typeof lines === "string");
      const cwd = join(folder, program);
      const said = execFileSync("sh", ["-c", `${script}`, "sh", "127.0.0.1:1"], { cwd });
      expect(said.toString()).toBe("started\n127.0.0.1:1\n");
    },
  );

  it("builds the Kubernetes version that Minikube is asked to run", () => {
    const goMod = readFileSync(join(BUILD_FOLDER, "kubernetes", "go.mod"), "utf8");
    expect(goMod).toMatch(new RegExp(`k8s.io/kubernetes ${KUBERNETES_VERSION}\\b`));
  });

  it("gives the built kubernetes plugin the version of the npm SDK", () => {
    const build = goBuilds.find((candidate) => candidate.folder === "pulumi-kubernetes");
    expect(build?.variables?.["main.version"]).toBe(sdkVersion("@pulumi/kubernetes"));
  });
});
