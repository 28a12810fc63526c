/** What the pods use of CPU and memory, as the kubelet measures it. */
import { setTimeout as sleep } from "node:timers/promises";
import { TESTS_PROFILE } from "../../support/profile";
import type { Namespace } from "./namespace";

const PERIOD_MS = 1000;
const MIB = 1024 ** 2;

/** What a component's pod uses. */
export interface Usage {
  /** Thousandths of a CPU. */
  milliCores: number;
  /** Working set in MiB. */
  megabytes: number;
}

interface Summary {
  pods: {
    podRef: { name: string; namespace: string };
    containers: {
      name: string;
      cpu?: { usageNanoCores?: number };
      memory?: { workingSetBytes?: number };
    }[];
  }[];
}

/** What each component ("backend", "frontend") uses now; the greatest of its pods counts. */
export async function usageOf(namespace: Namespace): Promise<Record<string, Usage>> {
  const text = await namespace.kubectl([
    "get",
    "--raw",
    `/api/v1/nodes/${TESTS_PROFILE}/proxy/stats/summary`,
  ]);
  const usage: Record<string, Usage> = {};
  for (const { podRef, containers } of (JSON.parse(text) as Summary).pods) {
    if (podRef.namespace !== namespace.name) continue;
    for (const { name, cpu, memory } of containers) {
      usage[name] = most(usage[name], {
        milliCores: Math.round((cpu?.usageNanoCores ?? 0) / 1e6),
        megabytes: Math.round((memory?.workingSetBytes ?? 0) / MIB),
      });
    }
  }
  return usage;
}

/** Looks every second, until stopped, for the most that each component uses. */
export class UsageWatch {
  private active = true;
  private readonly seen: Record<string, Usage> = {};
  private readonly loop: Promise<void>;

  constructor(private readonly namespace: Namespace) {
    this.loop = this.watch();
  }

  /** The most that each component used. */
  async stop(): Promise<Record<string, Usage>> {
    this.active = false;
    await this.loop;
    return this.seen;
  }

  private async watch(): Promise<void> {
    while (this.active) {
      for (const [name, usage] of Object.entries(await usageOf(this.namespace)))
        this.seen[name] = most(this.seen[name], usage);
      await sleep(PERIOD_MS);
    }
  }
}

function most(a: Usage = { milliCores: 0, megabytes: 0 }, b: Usage): Usage {
  return {
    milliCores: Math.max(a.milliCores, b.milliCores),
    megabytes: Math.max(a.megabytes, b.megabytes),
  };
}
