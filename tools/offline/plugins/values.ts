import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";

/** A property value as it travels between the engine and a plugin. */
export type Value = null | boolean | number | string | Value[] | PropertyMap;

/** A resource's inputs or outputs by name. */
export interface PropertyMap {
  [key: string]: Value;
}

/** What stands for a value that a preview cannot know yet. */
export const UNKNOWN: string = unknownValue;

/** Whether `value` is an object (and not a list), a secret's envelope included. */
export function isObject(value: Value | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` itself is wrapped as a secret. */
export function isSecret(value: Value | undefined): boolean {
  return isObject(value) && value[specialSigKey] === specialSecretSig;
}

/** Wraps a value so that the engine encrypts it in the state and hides it in the display. */
export function secret(value: Value): PropertyMap {
  return { [specialSigKey]: specialSecretSig, value };
}

/** Whether a secret is anywhere in `value`. */
export function containsSecret(value: Value | undefined): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isObject(value) && Object.values(value).some(containsSecret);
}

/** Whether an unknown is anywhere in `value`. */
export function containsUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** A copy of `value` with every secret taken out of its envelope and properties without a value left out. */
export function reveal(value: PropertyMap): PropertyMap;
export function reveal(value: Value): Value;
export function reveal(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => reveal(item));
  if (!isObject(value)) return value;
  if (isSecret(value)) return reveal(value.value ?? null);
  const plain: PropertyMap = {};
  for (const [key, item] of Object.entries(value)) {
    const revealed = reveal(item);
    if (revealed !== null) plain[key] = revealed;
  }
  return plain;
}
