import { Document, isMap, isScalar } from "yaml";
import { KEYS, type KeySpec, SCHEMA, SECRET_KEYS } from "./schema";

const HEADER =
  " Every key that a stack may set, written by `npm run settings:declare` from components/settings/schema.ts. An empty\n text is no value.";
const SECRETS = ` Secrets, for pulumi config set --secret. They don't say \`secret: true\`: Pulumi would then demand each of
 them of every stack, or refuse the empty default as not encrypted. The program refuses those in clear.`;

/** Pulumi.yaml with the part about the configuration as the schema says it. */
export function withDeclaration(projectFile: string): string {
  const start = projectFile.search(/^config:$/m);
  const own = start < 0 ? `${projectFile.trimEnd()}\n` : projectFile.slice(0, start);
  return `${own}${declaration()}`;
}

function declaration(): string {
  const config = Object.fromEntries(KEYS.map((key) => [key, declared(SCHEMA[key])]));
  const document = new Document({ config }, { aliasDuplicateObjects: false });
  const block = document.get("config");
  if (!isMap(block)) throw new TypeError("the declaration has no keys");
  block.commentBefore = HEADER;
  for (const { key, value } of block.items) {
    if (!isScalar(key) || !isMap(value)) continue;
    if (key.value === SECRET_KEYS[0]) key.commentBefore = SECRETS;
    const fallback = value.get("default", true);
    const { remark } = SCHEMA[key.value as (typeof KEYS)[number]];
    if (remark && fallback) fallback.comment = ` ${remark}`;
    const items = value.get("items");
    if (isMap(items)) items.flow = true;
  }
  return document.toString({ lineWidth: 0 });
}

function declared({ type, items, default: value, description, range }: KeySpec<unknown>): object {
  return {
    type,
    ...(items && { items }),
    default: value,
    description: range ? description.replace("{range}", range) : description,
  };
}
