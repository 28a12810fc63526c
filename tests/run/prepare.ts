/** Gets what the parts of a run need: `prepare.ts NEED…`. A part of its own, as it may take long. */
import { messageOf } from "../../common/errors";
import { REGISTRY_IMAGE } from "../../components/minikube/image-registry";
import { KUBECTL_AI } from "../../ops/assistants/kubectl-ai-tool";
import { ensureEngine, ensureImages, ensureTestTools, ensureTools } from "../../tools";
import { ensureBrowser } from "../../tools/browser";
import { ensure } from "../../tools/install";
import { MARK_VARIABLE } from "./processes";

/** What can be got, each on top of the tools. */
export type Need = "chart tools" | "engine" | "images" | "browser" | "kubectl-ai";

/** What the back end's tests run in and on, and what edits reach the tests' node by. */
const IMAGES = ["python:3.11-slim", "postgres:15", REGISTRY_IMAGE] as const;

// A Docker engine that is started here is the machine's: it stays.
delete process.env[MARK_VARIABLE];

async function prepare(needs: ReadonlySet<string>): Promise<void> {
  const tools = await ensureTools();
  if (needs.has("chart tools")) await ensureTestTools(tools);
  if (needs.has("engine") || needs.has("images")) await ensureEngine(tools);
  if (needs.has("images")) await ensureImages(tools, IMAGES);
  if (needs.has("browser")) await ensureBrowser();
  if (needs.has("kubectl-ai")) await ensure(KUBECTL_AI);
}

prepare(new Set(process.argv.slice(2))).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
