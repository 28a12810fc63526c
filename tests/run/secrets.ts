import { closeSync, createReadStream, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** Less than this stands in many places by chance. */
const SHORTEST = 12;
const GZIP = Buffer.from([0x1f, 0x8b]);

interface Needle {
  name: string;
  bytes: Buffer;
}

/** Looks for secrets in whatever might have kept them, in clear or encoded. */
export class SecretSearch {
  /** What was found, such as "JWT_SECRET in logs": never the secret itself. */
  readonly found = new Set<string>();
  /** How many bytes were looked through in each place. */
  readonly looked = new Map<string, number>();
  private readonly needles: readonly Needle[];
  private readonly longest: number;

  /** @param secrets values by their names */
  constructor(secrets: Readonly<Record<string, string>>) {
    this.needles = Object.entries(secrets).flatMap(([name, value]) => {
      if (value.length < SHORTEST) throw new Error(`${name} is too short to be looked for`);
      return formsOf(value).map((form) => ({ name, bytes: Buffer.from(form) }));
    });
    this.longest = Math.max(...this.needles.map(({ bytes }) => bytes.length));
  }

  text(place: string, text: string): void {
    this.bytes(place, Buffer.from(text));
  }

  async stream(place: string, stream: Readable): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, chunk]);
      this.bytes(place, bytes, rest.length);
      rest = bytes.subarray(-this.longest);
    }
  }

  /**
   * All files of a folder, those that are compressed too.
   *
   * @param skip paths in it that are left out, with what is below them
   */
  async folder(place: string, folder: string, skip: readonly string[] = []): Promise<void> {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const isSkipped = (path: string): boolean =>
      skip.some((left) => path === left || path.startsWith(`${left}/`));
    for (const path of paths) {
      if (isSkipped(path)) continue;
      this.text(place, path);
      if (lstatSync(join(folder, path)).isFile()) await this.file(place, join(folder, path));
    }
  }

  async file(place: string, path: string): Promise<void> {
    const stream = createReadStream(path, { highWaterMark: 4 * 1024 ** 2 });
    await this.stream(place, isCompressed(path) ? stream.pipe(createGunzip()) : stream);
  }

  private bytes(place: string, bytes: Buffer, known = 0): void {
    this.looked.set(place, (this.looked.get(place) ?? 0) + bytes.length - known);
    for (const { name, bytes: needle } of this.needles) {
      if (bytes.includes(needle)) this.found.add(`${name} in ${place}`);
    }
  }
}

/** A value as it may be written: in clear, in a URL, in Base64 alone and within something longer. */
function formsOf(value: string): string[] {
  const encoded = [0, 1, 2].map((shift) => {
    const text = Buffer.from("\0".repeat(shift) + value).toString("base64");
    // Characters that belong to the neighbours too are left out.
    const bits = 8 * (shift + Buffer.byteLength(value));
    return text.slice(Math.ceil((8 * shift) / 6), Math.floor(bits / 6));
  });
  const urlSafe = encoded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([value, encodeURIComponent(value), ...encoded, ...urlSafe])];
}

function isCompressed(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(GZIP.length);
    return readSync(file, start, 0, start.length, 0) === start.length && start.equals(GZIP);
  } finally {
    closeSync(file);
  }
}
