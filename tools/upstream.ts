import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../common/errors";
import type { Step } from "../common/progress";
import { run } from "../common/run";
import type { Platform, Upstream } from "./catalog";
import { download, getText } from "./download";

/**
 * Downloads a release file, verifies its SHA-256 and leaves the executables in `folder`.
 * @throws Unreachable where it can't be had from here, UserError where it isn't what it should be
 */
export async function fromUpstream(
  source: Upstream,
  platform: Platform,
  folder: string,
  commands: readonly string[],
  step: Step,
): Promise<void> {
  const url = source.url(platform);
  const name = basename(new URL(url).pathname);
  const expected = expectedSha256(await getText(source.checksums(platform)), name);
  const file = join(folder, name);
  await download(url, file, (received, total) =>
    step.detail(`${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""} MB`),
  );
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (expected !== actual) {
    throw new UserError({
      what: `${url} has a wrong checksum`,
      why: `expected SHA-256 ${expected ?? "(none listed)"}, got ${actual}`,
      next: "run the command again; if it stays wrong, don't use that network's download",
    });
  }
  if (source.form === "file") {
    const [command] = commands;
    if (command === undefined) throw new Error(`${url}: no command named`);
    if (name !== command) await copyFile(file, join(folder, command));
  } else {
    const members = source.members?.(platform) ?? {};
    await run("tar", ["-xzf", file, "-C", folder]);
    for (const [command, member] of Object.entries(members)) {
      await copyFile(join(folder, member), join(folder, command));
    }
  }
  await keepOnly(folder, commands);
}

/** The hex digest for `name` in a checksum file: a bare digest, or lines in sha256sum's format. */
export function expectedSha256(list: string, name: string): string | undefined {
  const rows = list
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const named = rows.find((row) => row[1]?.replace(/^\*/, "") === name);
  const digest =
    named?.[0] ?? (rows.length === 1 && rows[0]?.length === 1 ? rows[0][0] : undefined);
  return digest !== undefined && /^[0-9a-f]{64}$/i.test(digest) ? digest.toLowerCase() : undefined;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

async function keepOnly(folder: string, commands: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (commands.includes(name)) await chmod(join(folder, name), 0o755);
    else await rm(join(folder, name), { recursive: true });
  }
}
