import type { StandIn } from "../serve";
import { containsUnknown, isObject, type PropertyMap, reveal, secret, type Value } from "../values";
import { type RandomResource, RESOURCES } from "./resources";

/** Why an input was refused. */
interface Failure {
  property: string;
  reason: string;
}

/** Serves the random plugin's passwords, strings, bytes, IDs and UUIDs. */
export class RandomProvider implements StandIn {
  /** @param version the plugin's version, which must be the SDK's */
  constructor(readonly version: string) {}

  /** Validates; the inputs stay as the program gave them, without the defaults. */
  async check(
    urn: string,
    _olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: Failure[] }> {
    const resource = this.resourceOf(urn);
    const failures: Failure[] = [];
    if (!containsUnknown(news)) {
      const name = urn.split("::").pop();
      for (const { property, reason } of resource.validate(reveal(news))) {
        failures.push({
          property,
          reason: `${reason}. Examine values at '${name}.${property}'.`,
        });
      }
    }
    return { inputs: news, failures };
  }

  /** A changed input makes a new value, so it is a replacement; only empty changes are not. */
  async diff(
    _id: string,
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ changes: boolean; replaces: string[] }> {
    const resource = this.resourceOf(urn);
    const before = reveal(olds);
    const after = resource.withDefaults(reveal(news));
    const changed = resource.inputs.filter((key) => !same(before[key], after[key]));
    const replaces = changed.filter((key) => {
      // "" and {} stood for "none" in older states; to drop them makes nothing new.
      if (key === "keepers") return !(isEmpty(before[key]) && isEmpty(after[key]));
      if (key === "overrideSpecial") return !(before[key] === "" && after[key] === undefined);
      return true;
    });
    return { changes: changed.length > 0, replaces };
  }

  async create(urn: string, inputs: PropertyMap): Promise<{ id: string; outs: PropertyMap }> {
    const resource = this.resourceOf(urn);
    const given = resource.withDefaults(reveal(inputs));
    const { id, outs } = await resource.generate(given);
    return { id, outs: outputs(resource, given, outs) };
  }

  /** Takes over the inputs; what was generated stays. */
  async update(
    _id: string,
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ outs: PropertyMap }> {
    const resource = this.resourceOf(urn);
    const generated = Object.entries(reveal(olds)).filter(
      ([key]) => !resource.inputs.includes(key),
    );
    const given = resource.withDefaults(reveal(news));
    return { outs: outputs(resource, given, Object.fromEntries(generated)) };
  }

  /** Nothing outside the state can change a random value. */
  async read(
    id: string,
    urn: string,
    props: PropertyMap,
  ): Promise<{ id: string; props: PropertyMap }> {
    this.resourceOf(urn);
    if (Object.keys(props).length === 0) {
      throw new Error("the stand-in for the random plugin cannot import a value");
    }
    return { id, props };
  }

  async delete(): Promise<void> {}

  async cancel(): Promise<void> {}

  private resourceOf(urn: string): RandomResource {
    const type = urn.split("::")[2]?.split("$").pop() ?? "";
    const resource = RESOURCES[type];
    if (resource === undefined) {
      throw new Error(
        `${type} is not served by the stand-in for the random plugin; ` +
          `get the real one: pulumi plugin install resource random ${this.version}`,
      );
    }
    return resource;
  }
}

function outputs(
  resource: RandomResource,
  given: PropertyMap,
  generated: PropertyMap,
): PropertyMap {
  const outs: PropertyMap = { ...given, ...generated };
  for (const key of resource.secrets) {
    const value = outs[key];
    if (value !== undefined) outs[key] = secret(value);
  }
  if (resource.schemaVersion > 0) {
    outs.__meta = JSON.stringify({ schema_version: String(resource.schemaVersion) });
  }
  return outs;
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || (isObject(value) && Object.keys(value).length === 0);
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}
