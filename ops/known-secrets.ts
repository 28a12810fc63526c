import type { Kubectl } from "./access";

/**
 * The values of the namespace's Secrets, so that they can be taken out of whatever an assistant or the
 * audit file gets. They are read with the engineer's credentials and stay in this process's memory; none
 * where the engineer may not read them, and then only what looks like a secret is taken out.
 */
export async function secretValues(kubectl: Kubectl): Promise<string[]> {
  const result = await kubectl([
    ...["get", "secrets", "--field-selector", "type=Opaque"],
    ...["--output", "json", "--request-timeout=10s"],
  ]);
  if (result.code !== 0) return [];
  const { items } = JSON.parse(result.stdout) as { items: { data?: Record<string, string> }[] };
  return items.flatMap(({ data }) =>
    Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString("utf8")),
  );
}
