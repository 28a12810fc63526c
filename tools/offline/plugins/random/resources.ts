import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { genSalt, hash } from "bcryptjs";
import type { PropertyMap, Value } from "../values";

/** One kind of random resource, as the random plugin defines it. */
export interface RandomResource {
  /** Version of the state's schema, which the plugin keeps in `__meta`; 0 is kept nowhere. */
  readonly schemaVersion: number;
  /** Names of the inputs; a change of any asks for a new value. */
  readonly inputs: readonly string[];
  /** Outputs that are secret. */
  readonly secrets: readonly string[];
  /** The inputs with the defaults of those that have one. */
  withDefaults(inputs: PropertyMap): PropertyMap;
  /** What is wrong with the inputs, in the plugin's words. */
  validate(inputs: PropertyMap): { property: string; reason: string }[];
  /** Makes the value from complete inputs. */
  generate(inputs: PropertyMap): Promise<{ id: string; outs: PropertyMap }>;
}

const STRING_INPUTS = [
  "keepers",
  "length",
  "lower",
  "minLower",
  "minNumeric",
  "minSpecial",
  "minUpper",
  "number",
  "numeric",
  "overrideSpecial",
  "special",
  "upper",
];

const CHARACTERS = {
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  lower: "abcdefghijklmnopqrstuvwxyz",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
};
const KINDS = ["upper", "lower", "numeric", "special"] as const;
const MINIMUM = {
  upper: "minUpper",
  lower: "minLower",
  numeric: "minNumeric",
  special: "minSpecial",
} as const;

/** Go's bcrypt.DefaultCost. */
const BCRYPT_COST = 10;

const password: RandomResource = {
  schemaVersion: 3,
  inputs: STRING_INPUTS,
  secrets: ["bcryptHash", "result"],
  withDefaults: withStringDefaults,
  validate: validateString,
  async generate(inputs) {
    const result = randomString(inputs);
    const salt = (await genSalt(BCRYPT_COST)).replace(/^\$2b\$/, "$2a$"); // Go's bcrypt writes 2a
    return { id: "none", outs: { id: "none", result, bcryptHash: await hash(result, salt) } };
  },
};

const string: RandomResource = {
  schemaVersion: 2,
  inputs: STRING_INPUTS,
  secrets: [],
  withDefaults: withStringDefaults,
  validate: validateString,
  async generate(inputs) {
    const result = randomString(inputs);
    return { id: result, outs: { id: result, result } };
  },
};

const bytes: RandomResource = {
  schemaVersion: 0,
  inputs: ["keepers", "length"],
  secrets: ["base64", "hex"],
  withDefaults: (inputs) => ({ ...inputs }),
  validate: (inputs) => atLeastOne("length", inputs.length),
  async generate(inputs) {
    const value = randomBytes(count(inputs.length));
    const base64 = value.toString("base64");
    return { id: base64, outs: { base64, hex: value.toString("hex") } };
  },
};

const id: RandomResource = {
  schemaVersion: 0,
  inputs: ["byteLength", "keepers", "prefix"],
  secrets: [],
  withDefaults: (inputs) => ({ ...inputs }),
  validate: (inputs) => atLeastOne("byteLength", inputs.byteLength),
  async generate(inputs) {
    const value = randomBytes(count(inputs.byteLength));
    const hex = value.toString("hex");
    const base64url = value.toString("base64url");
    const prefix = typeof inputs.prefix === "string" ? inputs.prefix : "";
    return {
      id: base64url,
      outs: {
        id: base64url,
        b64Std: prefix + value.toString("base64"),
        b64Url: prefix + base64url,
        dec: prefix + BigInt(`0x${hex}`).toString(),
        hex: prefix + hex,
      },
    };
  },
};

const uuid: RandomResource = {
  schemaVersion: 0,
  inputs: ["keepers"],
  secrets: [],
  withDefaults: (inputs) => ({ ...inputs }),
  validate: () => [],
  async generate() {
    const result = randomUUID();
    return { id: result, outs: { id: result, result } };
  },
};

/** The resources that are served, by type. */
export const RESOURCES: Readonly<Record<string, RandomResource>> = {
  "random:index/randomBytes:RandomBytes": bytes,
  "random:index/randomId:RandomId": id,
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomString:RandomString": string,
  "random:index/randomUuid:RandomUuid": uuid,
};

function withStringDefaults(inputs: PropertyMap): PropertyMap {
  const numeric = inputs.numeric ?? inputs.number ?? true; // `number` is the older name
  return {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    special: true,
    upper: true,
    ...inputs,
    number: numeric,
    numeric,
  };
}

function validateString(inputs: PropertyMap): { property: string; reason: string }[] {
  const failures = atLeastOne("length", inputs.length);
  const sum = KINDS.reduce((total, kind) => total + count(inputs[MINIMUM[kind]] ?? 0), 0);
  if (failures.length === 0 && count(inputs.length) < sum) {
    failures.push({
      property: "length",
      reason:
        "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, " +
        `got: ${inputs.length}`,
    });
  }
  const { special, upper, lower, numeric, number } = withStringDefaults(inputs);
  if (
    inputs.number !== undefined &&
    inputs.numeric !== undefined &&
    inputs.number !== inputs.numeric
  ) {
    failures.push({
      property: "number",
      reason: "Number and numeric are both configured with different values",
    });
  }
  if (![special, upper, lower, numeric, number].includes(true)) {
    failures.push({
      property: "numeric",
      reason:
        "At least one attribute out of [special,upper,lower,numeric] must be specified as true",
    });
  }
  return failures;
}

function atLeastOne(
  property: string,
  value: Value | undefined,
): { property: string; reason: string }[] {
  if (value === undefined) return [{ property, reason: `Missing required property '${property}'` }];
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return [];
  const attribute = property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return [{ property, reason: `Attribute ${attribute} value must be at least 1, got: ${value}` }];
}

/** A uniformly random string that has at least the asked number of each kind of character. */
function randomString(inputs: PropertyMap): string {
  const override = inputs.overrideSpecial;
  const special = typeof override === "string" && override !== "" ? override : CHARACTERS.special;
  const sets = { ...CHARACTERS, special };
  const chosen: string[] = [];
  for (const kind of KINDS) chosen.push(...pick(sets[kind], count(inputs[MINIMUM[kind]])));
  const all = KINDS.filter((kind) => inputs[kind] === true)
    .map((kind) => sets[kind])
    .join("");
  chosen.push(...pick(all, count(inputs.length) - chosen.length));
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [chosen[i], chosen[j]] = [chosen[j] as string, chosen[i] as string];
  }
  return chosen.join("");
}

function pick(characters: string, length: number): string[] {
  const set = Array.from(characters); // by code point
  return Array.from({ length }, () => set[randomInt(set.length)] as string);
}

function count(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}
