const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number that a Kubernetes quantity means, such as 0.25 for "250m"; undefined for none. */
export function quantity(text: string | undefined): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text ?? "") ?? [];
  const factor = FACTORS[unit];
  return number === "" || factor === undefined ? undefined : Number(number) * factor;
}

/** Bytes in MiB, for people. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)}Mi`;
}

/** Cores in thousandths, for people. */
export function millicores(cores: number): string {
  return `${Math.round(cores * 1000)}m`;
}
