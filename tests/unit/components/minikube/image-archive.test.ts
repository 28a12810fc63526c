import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { run } from "../../../../common/run";
import { fullName, ImageArchive } from "../../../../components/minikube/image-archive";
import { folderWith } from "../../support/folder";

const LAYERS = ["lowest layer", "middle layer ".repeat(100), "top layer"].map((text) =>
  Buffer.from(text),
);
const DIFF_IDS = LAYERS.map(digest);
const CONFIG = Buffer.from(JSON.stringify({ rootfs: { type: "layers", diff_ids: DIFF_IDS } }));
const IMAGE = "todo-backend:1.0.0-abc";

function digest(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A tar file, by the system's own tar, in this order. */
async function tar(files: Record<string, Buffer>): Promise<string> {
  const folder = folderWith({});
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "in", name)), { recursive: true });
    writeFileSync(join(folder, "in", name), content);
  }
  await run("tar", [
    "-cf",
    join(folder, "image.tar"),
    "-C",
    join(folder, "in"),
    ...Object.keys(files),
  ]);
  return join(folder, "image.tar");
}

/** What `docker save` of Docker 20 writes. */
function oldArchive(): Promise<string> {
  const names = LAYERS.map((_, index) => `${String(index).repeat(64)}/layer.tar`);
  return tar({
    ...Object.fromEntries(LAYERS.map((layer, index) => [names[index] ?? "", layer])),
    "config.json": CONFIG,
    "manifest.json": Buffer.from(
      JSON.stringify([{ Config: "config.json", RepoTags: [IMAGE], Layers: names }]),
    ),
  });
}

/** What Docker 25 writes, here with compressed layers as its containerd store has them. */
function newArchive(): Promise<string> {
  const blobs = LAYERS.map((layer) => gzipSync(layer));
  const path = (bytes: Buffer): string => `blobs/${digest(bytes).replace(":", "/")}`;
  return tar({
    "oci-layout": Buffer.from("{}"),
    ...Object.fromEntries(blobs.map((blob) => [path(blob), blob])),
    [path(CONFIG)]: CONFIG,
    "manifest.json": Buffer.from(
      JSON.stringify([{ Config: path(CONFIG), RepoTags: [IMAGE], Layers: blobs.map(path) }]),
    ),
  });
}

async function untar(stream: Readable): Promise<Map<string, Buffer>> {
  const folder = folderWith({});
  const listing = await run("tar", ["-xvf", "-", "-C", folder], { input: stream });
  return new Map(listing.split("\n").map((name) => [name, readFileSync(join(folder, name))]));
}

interface Manifest {
  config: { digest: string; size: number };
  layers: { digest: string; size: number; mediaType: string }[];
}

function manifestOf(files: Map<string, Buffer>): Manifest {
  const index = JSON.parse(String(files.get("index.json"))) as { manifests: { digest: string }[] };
  const name = `blobs/${index.manifests[0]?.digest.replace(":", "/")}`;
  return JSON.parse(String(files.get(name))) as Manifest;
}

describe.each([
  ["Docker 20", oldArchive],
  ["Docker 25", newArchive],
])("an archive of %s", (_, make) => {
  let archive: ImageArchive;
  beforeAll(async () => {
    archive = ImageArchive.open(await make());
  });

  test("has the image's ID and layers", () => {
    expect(archive.imageId).toBe(digest(CONFIG));
    expect(archive.layers.map(({ diffId }) => diffId)).toEqual(DIFF_IDS);
  });

  test("becomes an OCI archive in which every blob is what its name says", async () => {
    const files = await untar(archive.toOci(IMAGE, new Set()));
    for (const [name, content] of files) {
      if (name.startsWith("blobs/"))
        expect(digest(content)).toBe(name.slice("blobs/".length).replace("/", ":"));
    }
    const manifest = manifestOf(files);
    expect(manifest.config).toMatchObject({ digest: digest(CONFIG), size: CONFIG.length });
    for (const layer of manifest.layers) {
      expect(files.get(`blobs/${layer.digest.replace(":", "/")}`)).toHaveLength(layer.size);
    }
    const index = JSON.parse(String(files.get("index.json"))) as {
      manifests: { annotations: Record<string, string> }[];
    };
    expect(index.manifests[0]?.annotations["io.containerd.image.name"]).toBe(
      `docker.io/library/${IMAGE}`,
    );
  });

  test("leaves out exactly the layers that the node has, and still names them", async () => {
    const [first, second, third] = archive.layers.map((layer) => layer.digest);
    const files = await untar(archive.toOci(IMAGE, new Set([first ?? "", third ?? ""])));
    const sent = [...files.keys()].filter((name) => name.startsWith("blobs/"));
    expect(sent).toHaveLength(3); // manifest, configuration, one layer
    expect(sent).toContain(`blobs/${second?.replace(":", "/")}`);
    expect(manifestOf(files).layers).toHaveLength(3);
  });

  test("becomes a Docker archive without the lowest layers", async () => {
    const files = await untar(archive.toDocker(IMAGE, 2));
    expect([...files.keys()].sort()).toEqual(
      ["2.tar", `${digest(CONFIG).slice(7)}.json`, "manifest.json"].sort(),
    );
    const [manifest] = JSON.parse(String(files.get("manifest.json"))) as {
      RepoTags: string[];
      Layers: string[];
    }[];
    expect(manifest).toMatchObject({ RepoTags: [IMAGE], Layers: ["0.tar", "1.tar", "2.tar"] });
  });
});

test("compressed layers are declared as such", async () => {
  const types = async (make: () => Promise<string>): Promise<string[]> =>
    ImageArchive.open(await make()).layers.map(({ mediaType }) => mediaType);
  expect(new Set(await types(oldArchive))).toEqual(
    new Set(["application/vnd.oci.image.layer.v1.tar"]),
  );
  expect(new Set(await types(newArchive))).toEqual(
    new Set(["application/vnd.oci.image.layer.v1.tar+gzip"]),
  );
});

test("an archive that is cut short, or no archive, is refused", async () => {
  const path = await oldArchive();
  writeFileSync(path, readFileSync(path).subarray(0, 2048));
  expect(() => ImageArchive.open(path)).toThrow(/the image archive/);
});

test.each([
  ["todo-backend:1", "docker.io/library/todo-backend:1"],
  ["team/todo:1", "docker.io/team/todo:1"],
  ["localhost:5000/todo:1", "localhost:5000/todo:1"],
  ["registry.example.com/a/b:1", "registry.example.com/a/b:1"],
])("%s is %s", (image, name) => {
  expect(fullName(image)).toBe(name);
});

describe("names in an archive", () => {
  const layer = Buffer.from("the layer");
  const config = Buffer.from(JSON.stringify({ rootfs: { diff_ids: [digest(layer)] } }));

  /** An archive by the system's tar in a format, with the layer at a path and entries that lead to it. */
  async function archiveWith(
    path: string,
    { format = "gnu", named = path, link }: { format?: string; named?: string; link?: string } = {},
  ): Promise<ImageArchive> {
    const folder = folderWith({});
    const inside = join(folder, "in");
    mkdirSync(dirname(join(inside, path)), { recursive: true });
    writeFileSync(join(inside, path), layer);
    if (link) {
      mkdirSync(dirname(join(inside, named)), { recursive: true });
      symlinkSync(link, join(inside, named));
    }
    writeFileSync(join(inside, "config.json"), config);
    const manifest = [{ Config: "config.json", RepoTags: [IMAGE], Layers: [named] }];
    writeFileSync(join(inside, "manifest.json"), JSON.stringify(manifest));
    const file = join(folder, "image.tar");
    await run("tar", [
      "-cf",
      file,
      `--format=${format}`,
      "-C",
      inside,
      path,
      ...(link ? [named] : []),
      "config.json",
      "manifest.json",
    ]);
    return ImageArchive.open(file);
  }
  const held = async (archive: ImageArchive) =>
    String((await untar(archive.toDocker(IMAGE, 0))).get("0.tar"));

  test.each([
    ["gnu", `${"a".repeat(120)}/layer.tar`],
    ["pax", `${"a".repeat(120)}/layer.tar`],
    ["ustar", `${"a".repeat(90)}/${"b".repeat(80)}/layer.tar`],
  ])("may be longer than a header holds: %s", async (format, path) => {
    expect(await held(await archiveWith(path, { format }))).toBe("the layer");
  });

  test.each([
    ["beside it", "a/layer.tar", "a/link.tar", "layer.tar"],
    ["elsewhere", "a/layer.tar", "b/c/link.tar", "../../a/layer.tar"],
    ["at the top", "layer.tar", "link.tar", "./layer.tar"],
  ])("may stand for a file %s", async (_, path, named, link) => {
    expect(await held(await archiveWith(path, { named, link }))).toBe("the layer");
  });

  test("that aren't there are told", async () => {
    await expect(archiveWith("layer.tar", { named: "other.tar" })).rejects.toThrow(
      "the image archive has no other.tar",
    );
  });
});

test("a layer by zstd is declared as such, and an empty one is none of these", async () => {
  const [zstd, empty] = [Buffer.from("28b52ffd00", "hex"), Buffer.alloc(0)];
  const config = Buffer.from(JSON.stringify({ rootfs: { diff_ids: ["sha256:a"] } }));
  const manifest = [{ Config: "c.json", RepoTags: [IMAGE], Layers: ["z", "e"] }];
  const archive = ImageArchive.open(
    await tar({
      z: zstd,
      e: empty,
      "c.json": config,
      "manifest.json": Buffer.from(JSON.stringify(manifest)),
    }),
  );
  expect(archive.layers.map(({ mediaType }) => mediaType.split("v1.")[1])).toEqual([
    "tar+zstd",
    "tar",
  ]);
  expect(archive.layers.map(({ diffId }) => diffId)).toEqual(["sha256:a", ""]);
  expect((await untar(archive.toDocker(IMAGE, 0))).get("1.tar")).toEqual(empty);
});

test("an archive without an image is told", async () => {
  const path = await tar({ "manifest.json": Buffer.from("[]") });
  expect(() => ImageArchive.open(path)).toThrow(`${path} has no image in it`);
});

test("a new archive ends as every tar does, by two empty blocks", async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of ImageArchive.open(await oldArchive()).toDocker(IMAGE, 3))
    chunks.push(chunk);
  const blocks = Buffer.concat(chunks);
  const [config, manifest] = [CONFIG.length, 200].map((size) => 512 + Math.ceil(size / 512) * 512);
  expect(blocks).toHaveLength((config ?? 0) + (manifest ?? 0) + 1024);
  expect(blocks.subarray(-1024).every((byte) => byte === 0)).toBe(true);
});

test("an OCI archive has the tag by which containerd names the image", async () => {
  const files = await untar(
    ImageArchive.open(await oldArchive()).toOci("registry:5000/a/b:1.2", new Set()),
  );
  const { manifests } = JSON.parse(String(files.get("index.json"))) as {
    manifests: { size: number; digest: string; annotations: Record<string, string> }[];
  };
  expect(manifests[0]?.annotations).toEqual({
    "io.containerd.image.name": "registry:5000/a/b:1.2",
    "org.opencontainers.image.ref.name": "1.2",
  });
  expect(files.get(`blobs/${manifests[0]?.digest.replace(":", "/")}`)).toHaveLength(
    manifests[0]?.size ?? 0,
  );
  expect(JSON.parse(String(files.get("oci-layout")))).toEqual({ imageLayoutVersion: "1.0.0" });
});
