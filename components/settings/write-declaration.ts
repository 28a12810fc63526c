import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { withDeclaration } from "./declaration";

const FILE = resolve(__dirname, "../../Pulumi.yaml");

writeFileSync(FILE, withDeclaration(readFileSync(FILE, "utf8")));
