import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../apps/frontend/package.json";
import { pythonSbom, requirementsIn } from "../../../release/sbom";

const ROOT = join(__dirname, "../../..");
const REQUIREMENTS = readFileSync(join(ROOT, "apps/backend/requirements.txt"), "utf8");

interface Component {
  name: string;
  version: string;
  purl: string;
  externalReferences?: { hashes?: { alg: string; content: string }[] }[];
}
interface Bom {
  bomFormat: string;
  metadata: { component: { name: string; version: string } };
  components: Component[];
}

describe("the back end's bill of materials", () => {
  const requirements = requirementsIn(REQUIREMENTS);
  const bom = JSON.parse(
    pythonSbom({ name: "todo-backend", version: "1.2.3" }, requirements),
  ) as Bom;

  it("is CycloneDX, of one version of the image", () => {
    expect(bom).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { name: "todo-backend", version: "1.2.3" } },
    });
  });

  it("has every pinned package, the main ones among them", () => {
    const pinned = REQUIREMENTS.match(/^\S+==/gm) ?? [];
    expect(pinned.length).toBeGreaterThan(20);
    expect(bom.components).toHaveLength(pinned.length);
    const names = bom.components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["fastapi", "mcp", "openai", "uvicorn", "alembic"]),
    );
  });

  it("names each by a package URL, with the hashes that pip accepts", () => {
    for (const { name, version, purl, externalReferences = [] } of bom.components) {
      expect(purl).toBe(`pkg:pypi/${name.toLowerCase()}@${version}`);
      const hashes = externalReferences.flatMap((reference) => reference.hashes ?? []);
      expect([name, hashes.length]).not.toEqual([name, 0]);
      expect(hashes.every(({ alg }) => alg === "SHA-256")).toBe(true);
    }
  });
});

describe("the front end's bill of materials", () => {
  it("has what package.json asks for, and no tool of development", () => {
    const flags = ["--omit", "dev", "--package-lock-only", "--sbom-format", "cyclonedx"];
    const text = execFileSync("npm", ["sbom", ...flags], {
      cwd: join(ROOT, "apps/frontend"),
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    const { components } = JSON.parse(text) as Bom;
    const names = components.map(({ purl }) => decodeURIComponent(purl.replace(/@[^@]*$/, "")));
    for (const name of Object.keys(manifest.dependencies))
      expect(names).toContain(`pkg:npm/${name}`);
    expect(names).not.toContain("pkg:npm/typescript");
  });
});
