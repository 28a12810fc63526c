import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../cli/main";
import { ROOT } from "../cli/session/workspace";
import { say } from "../common/progress";
import { run } from "../common/run";
import { version } from "../package.json";
import { pythonSbom, requirementsIn } from "./sbom";

const FOLDER = join(ROOT, "reports/sbom");

main(
  "sbom",
  "Writes what is in each image, as CycloneDX, from the lock files: reports/sbom.",
  {},
  async () => {
    mkdirSync(FOLDER, { recursive: true });
    const requirements = readFileSync(join(ROOT, "apps/backend/requirements.txt"), "utf8");
    const sboms = {
      "backend.cdx.json": pythonSbom(
        { name: "todo-backend", version },
        requirementsIn(requirements),
      ),
      "frontend.cdx.json": await frontendSbom(),
    };
    for (const [file, text] of Object.entries(sboms)) {
      writeFileSync(join(FOLDER, file), text);
      say(`· reports/sbom/${file}`);
    }
    return 0;
  },
  { hasStack: false },
);

/** npm's own, from the lock file: nothing need be installed. */
function frontendSbom(): Promise<string> {
  const flags = ["--omit", "dev", "--package-lock-only", "--sbom-format", "cyclonedx"];
  return run("npm", ["sbom", ...flags], { cwd: join(ROOT, "apps/frontend") });
}
