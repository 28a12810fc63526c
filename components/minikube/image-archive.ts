import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";

const BLOCK = 512;
const OCI = "application/vnd.oci.image";

/** A stretch of the archive file, in bytes. */
interface Stretch {
  offset: number;
  size: number;
}

/** One layer of an image. */
export interface Layer extends Stretch {
  /** "sha256:…" of the bytes in the archive. */
  digest: string;
  /** "sha256:…" of the uncompressed layer; equal to `digest` where it isn't compressed. */
  diffId: string;
  mediaType: string;
}

/** What `docker save` wrote for one image: read in place, and written again without the layers a node has. */
export class ImageArchive {
  private constructor(
    private readonly path: string,
    private readonly config: Buffer,
    /** The layers, lowest first. */
    readonly layers: readonly Layer[],
  ) {}

  /** "sha256:…" of the image's configuration, which is its ID on a node. */
  get imageId(): string {
    return sha256(this.config);
  }

  /** Opens an archive of one image. @throws Error where the file isn't one */
  static open(path: string): ImageArchive {
    const file = openSync(path, "r");
    try {
      const entries = readEntries(file);
      const text = (name: string): Buffer => readStretch(file, find(entries, name));
      const [manifest] = JSON.parse(text("manifest.json").toString()) as {
        Config: string;
        Layers: string[];
      }[];
      if (!manifest) throw new Error(`${path} has no image in it`);
      const config = text(manifest.Config);
      const { rootfs } = JSON.parse(config.toString()) as { rootfs: { diff_ids: string[] } };
      const layers = manifest.Layers.map((name, index): Layer => {
        const stretch = find(entries, name);
        const diffId = rootfs.diff_ids[index] ?? "";
        // Newer Docker names a layer's file after its digest, older ones don't compress layers.
        const blob = /^blobs\/(\w+)\/(\w+)$/.exec(name);
        const digest = blob ? `${blob[1]}:${blob[2]}` : diffId;
        return { ...stretch, digest, diffId, mediaType: layerType(file, stretch) };
      });
      return new ImageArchive(path, config, layers);
    } finally {
      closeSync(file);
    }
  }

  /** An OCI archive of the image for `ctr images import`, without the layers whose digests are in `present`. */
  toOci(image: string, present: ReadonlySet<string>): Readable {
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${OCI}.manifest.v1+json`,
        config: {
          mediaType: `${OCI}.config.v1+json`,
          digest: this.imageId,
          size: this.config.length,
        },
        layers: this.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
      }),
    );
    const index = {
      schemaVersion: 2,
      manifests: [
        {
          mediaType: `${OCI}.manifest.v1+json`,
          digest: sha256(manifest),
          size: manifest.length,
          annotations: {
            "io.containerd.image.name": fullName(image),
            "org.opencontainers.image.ref.name": image.slice(image.lastIndexOf(":") + 1),
          },
        },
      ],
    };
    const sent = new Map(
      this.layers
        .filter(({ digest }) => !present.has(digest))
        .map((layer) => [layer.digest, layer]),
    );
    return this.tar([
      ["oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
      ["index.json", Buffer.from(JSON.stringify(index))],
      [blobPath(sha256(manifest)), manifest],
      [blobPath(this.imageId), this.config],
      ...[...sent.values()].map((layer): [string, Layer] => [blobPath(layer.digest), layer]),
    ]);
  }

  /** A Docker archive of the image for `docker load`, without its lowest `present` layers. */
  toDocker(image: string, present: number): Readable {
    const name = (index: number): string => `${index}.tar`;
    const configName = `${this.imageId.slice("sha256:".length)}.json`;
    const manifest = [
      { Config: configName, RepoTags: [image], Layers: this.layers.map((_, index) => name(index)) },
    ];
    return this.tar([
      [configName, this.config],
      ...this.layers.map((layer, index): [string, Layer] => [name(index), layer]).slice(present),
      ["manifest.json", Buffer.from(JSON.stringify(manifest))],
    ]);
  }

  private tar(files: (readonly [name: string, content: Buffer | Stretch])[]): Readable {
    const { path } = this;
    async function* blocks(): AsyncGenerator<Buffer> {
      for (const [name, content] of files) {
        const size = Buffer.isBuffer(content) ? content.length : content.size;
        yield tarHeader(name, size);
        if (Buffer.isBuffer(content)) yield content;
        else if (size > 0) {
          const { offset } = content;
          const options = { start: offset, end: offset + size - 1, highWaterMark: 1 << 20 };
          yield* createReadStream(path, options) as AsyncIterable<Buffer>;
        }
        yield Buffer.alloc(padding(size));
      }
      yield Buffer.alloc(2 * BLOCK);
    }
    return Readable.from(blocks(), { objectMode: false });
  }
}

/** An image's name with registry and namespace, as containerd stores it. */
export function fullName(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]|^localhost$/.test(first) ? image : `docker.io/${image}`;
}

interface Entry extends Stretch {
  /** Path of the entry that a link stands for. */
  link?: string;
}

function readEntries(file: number): Map<string, Entry> {
  const end = fstatSync(file).size;
  const entries = new Map<string, Entry>();
  let longName: string | undefined;
  for (let position = 0; position + BLOCK <= end; ) {
    const header = readStretch(file, { offset: position, size: BLOCK });
    const field = (from: number, length: number): string =>
      header.toString("utf8", from, from + length).replace(/\0.*$/s, "");
    const shortName = field(0, 100);
    if (shortName === "") break;
    const size = readSize(header);
    const stretch = { offset: position + BLOCK, size };
    const type = field(156, 1);
    if (type === "x" || type === "L") {
      const text = readStretch(file, stretch).toString();
      longName = type === "L" ? text.replace(/\0.*$/s, "") : /\d+ path=(.*)\n/.exec(text)?.[1];
    } else if (type !== "g") {
      const prefix = field(257, 5) === "ustar" ? field(345, 155) : "";
      const name = longName ?? (prefix ? `${prefix}/${shortName}` : shortName);
      longName = undefined;
      if (type === "" || type === "0") entries.set(name, stretch);
      else if (type === "1" || type === "2")
        entries.set(name, { ...stretch, link: field(157, 100) });
    }
    position += BLOCK + size + padding(size);
  }
  return entries;
}

/** The size of an entry: octal text, or a binary number for what octal can't hold. */
function readSize(header: Buffer): number {
  if ((header[124] ?? 0) & 0x80) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(header.toString("latin1", 124, 136), 8) || 0;
}

function find(entries: ReadonlyMap<string, Entry>, name: string): Stretch {
  const entry = entries.get(name);
  if (!entry) throw new Error(`the image archive has no ${name}`);
  if (entry.link === undefined) return entry;
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  return find(entries, resolvePath(folder + entry.link));
}

function resolvePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function layerType(file: number, { offset, size }: Stretch): string {
  const magic = readStretch(file, { offset, size: Math.min(4, size) }).toString("hex");
  if (magic.startsWith("1f8b")) return `${OCI}.layer.v1.tar+gzip`;
  if (magic === "28b52ffd") return `${OCI}.layer.v1.tar+zstd`;
  return `${OCI}.layer.v1.tar`;
}

function readStretch(file: number, { offset, size }: Stretch): Buffer {
  const buffer = Buffer.alloc(size);
  let read = 0;
  while (read < size) {
    const count = readSync(file, buffer, read, size - read, offset + read);
    if (count === 0) throw new Error("the image archive is cut short");
    read += count;
  }
  return buffer;
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  header.write("0000000\0".repeat(2), 108);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        0", 148); // the checksum counts its own field as spaces
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
