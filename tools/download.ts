import { createWriteStream, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { EnvHttpProxyAgent, fetch, type Response } from "undici";
import { messageOf } from "../common/errors";

/** How patient a download is. */
export interface Patience {
  /** Milliseconds until a connection must be there; default 10 s. */
  connectMs: number;
  /** Milliseconds without a byte after which a transfer counts as broken; default 30 s. */
  stallMs: number;
  /** Milliseconds before each further try; default two more tries, after 1 s and 3 s. */
  pausesMs: readonly number[];
}

const PATIENCE: Patience = { connectMs: 10_000, stallMs: 30_000, pausesMs: [1_000, 3_000] };

/** Something can't be had from a web host: no route, a proxy's refusal, a broken transfer, no such file. */
export class Unreachable extends Error {
  constructor(
    message: string,
    /** Whether the host, or the proxy, gave a definite answer: trying again is no use. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}

/** The text of a small file. @throws Unreachable */
export function getText(url: string, patience: Partial<Patience> = {}): Promise<string> {
  return persist(url, patience, (response) => response.text());
}

/**
 * Saves a file, whole or not at all.
 * @param onProgress gets the bytes so far, and all of them where the host says how many there are
 * @throws Unreachable
 */
export async function download(
  url: string,
  file: string,
  onProgress: (received: number, total: number | undefined) => void = () => undefined,
  patience: Partial<Patience> = {},
): Promise<void> {
  try {
    await persist(url, patience, async (response) => {
      const length = response.headers.get("content-length");
      const total = length === null ? undefined : Number(length);
      let received = 0;
      const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
      body.on("data", (chunk: Uint8Array) => {
        received += chunk.length;
        onProgress(received, total);
      });
      await pipeline(body, createWriteStream(file));
      if (total !== undefined && received !== total)
        throw new Error(`the transfer ended after ${received} of ${total} bytes`);
    });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

const verdicts = new Map<string, Promise<string | undefined>>();

/** Why a web host doesn't answer; undefined where it does. Asked once per process and host. */
export function whyUnreachable(
  url: string,
  patience: Partial<Patience> = {},
): Promise<string | undefined> {
  const { origin } = new URL(url);
  const known = verdicts.get(origin);
  if (known) return known;
  const verdict = persist(origin, patience, async (response) => response.body?.cancel(), true).then(
    () => undefined,
    (error) => messageOf(error),
  );
  verdicts.set(origin, verdict);
  return verdict;
}

/** @param anyAnswer whether a status other than 2xx is an answer too */
async function persist<T>(
  url: string,
  patience: Partial<Patience>,
  use: (response: Response) => Promise<T>,
  anyAnswer = false,
): Promise<T> {
  const { pausesMs, ...limits } = { ...PATIENCE, ...patience };
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(url, limits, use, anyAnswer);
    } catch (error) {
      const pause = pausesMs[tries];
      const isFinal = !(error instanceof Unreachable) || error.isFinal;
      if (isFinal || pause === undefined) throw error;
      await sleep(pause);
    }
  }
}

async function once<T>(
  url: string,
  limits: Omit<Patience, "pausesMs">,
  use: (response: Response) => Promise<T>,
  anyAnswer: boolean,
): Promise<T> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { dispatcher: dispatcher(limits) });
    if (response.ok || anyAnswer) return await use(response);
    await response.body?.cancel();
    const { status } = response;
    throw new Unreachable(
      `${host} answers ${status}`,
      status < 500 && ![408, 429].includes(status),
    );
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const cause = causeOf(error);
    if ((cause as NodeJS.ErrnoException).code === "ENOSPC") throw cause;
    const refused = /Proxy response \((\d+)\)/.exec(messageOf(cause))?.[1];
    if (refused === undefined) throw new Unreachable(`${host}: ${messageOf(cause)}`);
    // A gateway's own 5xx may pass; that it allows no such host, or wants a password, doesn't.
    throw new Unreachable(`the proxy answers ${refused} for ${host}`, Number(refused) < 500);
  }
}

/** What fetch hides behind "fetch failed" or "terminated". */
function causeOf(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? error : causeOf(cause);
}

const dispatchers = new Map<string, EnvHttpProxyAgent>();

/** Goes the way that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name, and trusts what this machine trusts. */
function dispatcher({ connectMs, stallMs }: Omit<Patience, "pausesMs">): EnvHttpProxyAgent {
  const { env } = process;
  const proxy = (name: string): string | undefined =>
    [name, name.toUpperCase(), "all_proxy", "ALL_PROXY"]
      .map((variable) => env[variable])
      .find((value) => value && /^https?:\/\//.test(value));
  const httpProxy = proxy("http_proxy");
  const httpsProxy = proxy("https_proxy");
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? "";
  const key = JSON.stringify([connectMs, stallMs, httpProxy, httpsProxy, noProxy]);
  const known = dispatchers.get(key);
  if (known) return known;
  const ca = authorities();
  const made = new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy,
    connect: { timeout: connectMs, ca },
    requestTls: { timeout: connectMs, ca },
    proxyTls: { timeout: connectMs, ca },
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
  });
  dispatchers.set(key, made);
  return made;
}

/**
 * Node's own certificate authorities, those of NODE_EXTRA_CA_CERTS, and what curl and Go trust beside
 * them: the system's store, and SSL_CERT_FILE. A company's proxy signs with one that only these have.
 */
export function authorities(): string[] {
  const all = [...tls.rootCertificates];
  // From Node.js 22.15 on.
  if ("getCACertificates" in tls) {
    for (const store of ["extra", "system"] as const) all.push(...tls.getCACertificates(store));
  }
  for (const file of [process.env.SSL_CERT_FILE, process.env.NODE_EXTRA_CA_CERTS]) {
    try {
      if (file) all.push(readFileSync(file, "utf8"));
    } catch {
      // a file that can't be read adds nothing, as for curl
    }
  }
  return [...new Set(all)];
}
