import { PROJECT } from "../names";

/**
 * What a configuration says of this project, by the keys' own names. Pulumi also takes a key without its project, and
 * in its old form, "project:config:key".
 */
export function ownConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(config).flatMap(([key, value]) => {
    const [name, ...projects] = key.replace(":config:", ":").split(":").reverse();
    return projects.length === 0 || projects.join() === PROJECT ? [[name, value]] : [];
  });
  return Object.fromEntries(own) as Record<string, unknown>;
}
