/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** Whether a value is a JSON object: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
