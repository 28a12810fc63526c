/** The paths of the values that have a comment: above or beside them, or above an object that they are in. */
export function commented(text: string): Set<string> {
  const { parseDocument, isMap, isScalar } = require("yaml") as typeof import("yaml");
  const found = new Set<string>();
  const visit = (node: unknown, path: readonly string[], covered: boolean): void => {
    if (!isMap(node)) return;
    // A comment above the first member belongs to the map, as yaml has it.
    node.items.forEach(({ key, value }, index) => {
      if (!isScalar(key)) return;
      const own = [...path, String(key.value)];
      const above = key.commentBefore ?? (index === 0 ? node.commentBefore : undefined);
      const beside = isScalar(value) || isMap(value) ? value.comment : undefined;
      const has = covered || says(above) || says(beside);
      if (has) found.add(own.join("."));
      visit(value, own, has && path.length > 0);
    });
  };
  visit(parseDocument(text).contents, [], false);
  return found;
}

const SHORTEST = 10;

/** The last paragraph of a comment is the one of what stands below it. */
function says(comment: string | null | undefined): boolean {
  const last = (comment ?? "").split("\n\n").at(-1) ?? "";
  return last.trim().length >= SHORTEST;
}
