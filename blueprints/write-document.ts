/** Writes docs/blueprints.md: npm run blueprints:document. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { document } from "./document";

writeFileSync(join(__dirname, "../docs/blueprints.md"), document());
