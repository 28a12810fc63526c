/** CPU and memory of a container, as a stack may set them. */

/** An amount of CPU and one of memory, as Kubernetes quantities. */
export interface Quantities {
  /** Cores, such as "0.5", or thousandths of one, such as "500m". */
  cpu: string;
  /** Bytes, plain or with Ki, Mi, Gi, k, M or G. */
  memory: string;
}

/** CPU and memory of one container. */
export interface Resources {
  /** What a node sets aside for it, never more than the limits. */
  requests: Quantities;
  /** What it may use at most. */
  limits: Quantities;
}

/** The specification's, for each of the two services. */
export const DEFAULT_RESOURCES: Resources = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** Thousandths of a core are the finest that Kubernetes takes. */
const CPU = /^(\d+(\.\d{1,3})?|\d+m)$/;
const MEMORY = /^(?:\d+|(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi))$/;
const BYTES: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};
const MEANING = {
  cpu: 'CPU, such as "500m" or "1.5"',
  memory: 'memory, such as "512Mi" or "1.5G"',
};

/** Completes resources with the defaults, and adds what is wrong with them to the problems. */
export function readResources(value: unknown, problems: string[]): Resources {
  if (!isRecord(value)) {
    problems.push("must have requests and limits");
    return DEFAULT_RESOURCES;
  }
  for (const name of Object.keys(value))
    if (name !== "requests" && name !== "limits") problems.push(`has an unknown part "${name}"`);
  const requests = readQuantities("requests", value.requests ?? {}, problems);
  const limits = readQuantities("limits", value.limits ?? {}, problems);
  for (const unit of ["cpu", "memory"] as const) {
    const request = amount(unit, requests[unit]);
    const limit = amount(unit, limits[unit]);
    if (request !== undefined && limit !== undefined && request > limit)
      problems.push(
        `has requests.${unit} ${requests[unit]} above limits.${unit} ${limits[unit]}: set both, the request to at most the limit`,
      );
  }
  return { requests, limits };
}

function readQuantities(
  part: "requests" | "limits",
  value: unknown,
  problems: string[],
): Quantities {
  const quantities = { ...DEFAULT_RESOURCES[part] };
  if (!isRecord(value)) {
    problems.push(`must have cpu and memory in ${part}`);
    return quantities;
  }
  for (const [unit, given] of Object.entries(value)) {
    if (unit !== "cpu" && unit !== "memory") {
      problems.push(`has an unknown part "${part}.${unit}"`);
      continue;
    }
    quantities[unit] = typeof given === "string" || typeof given === "number" ? `${given}` : "";
    if (amount(unit, quantities[unit]) === undefined)
      problems.push(
        `has a ${part}.${unit} that is no amount of ${MEANING[unit]}: ${JSON.stringify(given)}`,
      );
  }
  return quantities;
}

/** Thousandths of a core, or bytes; undefined where a text is no such quantity. */
function amount(unit: "cpu" | "memory", text: string): number | undefined {
  if (unit === "cpu") {
    if (!CPU.test(text)) return undefined;
    return text.endsWith("m") ? Number.parseInt(text, 10) : Math.round(Number(text) * 1000);
  }
  const found = MEMORY.exec(text);
  if (!found) return undefined;
  const [, number = text, suffix = ""] = found;
  return Math.round(Number(number) * (BYTES[suffix] ?? 1));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
