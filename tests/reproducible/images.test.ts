/** Two builds of each image, from two checkouts that differ in all but what git keeps, with nothing cached. */
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { run, tryRun } from "../../common/run";
import { ensureEngine, ensureImages, ensureTools } from "../../tools";

jest.setTimeout(60 * 60_000);

const BASES = ["python:3.11-slim", "node:22-slim"];
const STRANGER = 4321;
const LONG_AGO = new Date("2001-02-03T04:05:06Z");

/** All that an image is, but for the time at which it was made. */
interface Content {
  RootFS: { Layers: string[] };
  Config: object;
}

let work: string;
let env: NodeJS.ProcessEnv;
const images: string[] = [];

beforeAll(async () => {
  const tools = await ensureTools();
  await ensureEngine(tools);
  await ensureImages(tools, BASES);
  env = { ...tools.env, DOCKER_BUILDKIT: "1" };
  work = mkdtempSync(join(tmpdir(), "todo-app-reproducible-"));
});
afterAll(async () => {
  if (images.length > 0) await tryRun("docker", ["image", "rm", ...images], { env });
  rmSync(work, { recursive: true, force: true });
});

/** An application's folder, as git would check it out. */
async function checkOut(app: string, name: string): Promise<string> {
  const folder = join(work, name);
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", `apps/${app}`];
  const files = (await run("git", list, { cwd: ROOT })).split("\0").filter(Boolean);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  return join(folder, "apps", app);
}

/** As a checkout by somebody else, years ago, whose umask gives nothing to others. */
function estrange(path: string): void {
  const status = lstatSync(path);
  if (status.isDirectory()) for (const name of readdirSync(path)) estrange(join(path, name));
  chmodSync(path, status.mode & 0o700);
  if (process.getuid?.() === 0) chownSync(path, STRANGER, STRANGER);
  utimesSync(path, LONG_AGO, LONG_AGO);
}

async function build(context: string, name: string): Promise<Content> {
  const image = `todo-app-reproducible:${name}`;
  images.push(image);
  await run("docker", ["build", "--no-cache", "--quiet", "--tag", image, context], { env });
  const [content] = JSON.parse(
    await run("docker", ["image", "inspect", image], { env }),
  ) as Content[];
  return { RootFS: content?.RootFS ?? { Layers: [] }, Config: content?.Config ?? {} };
}

it.each(["backend", "frontend"])(
  "the %s's image has the same layers and settings, whoever builds it and when",
  async (app) => {
    const own = await build(await checkOut(app, `${app}-own`), `${app}-own`);
    const other = await checkOut(app, `${app}-other`);
    estrange(other);
    expect(await build(other, `${app}-other`)).toEqual(own);
    expect(own.RootFS.Layers.length).toBeGreaterThan(1);
  },
);
