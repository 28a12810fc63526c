import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
