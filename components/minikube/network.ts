import { tryRun } from "../../common/run";

interface Network {
  IPAM: { Config: { Subnet?: string }[] | null };
  Containers: Record<string, { IPv4Address: string }> | null;
}

/**
 * An address at the end of a Docker network where Minikube has nodes. Minikube gives them fixed ones at the beginning: a
 * container that starts first after the machine did, and takes the next free one, would keep a node from starting.
 * Undefined where Docker chose the subnet: only then it lets nobody choose an address.
 */
export async function freeAddress(network: string): Promise<string | undefined> {
  const result = await tryRun("docker", ["network", "inspect", network]);
  const found = result.code === 0 ? (JSON.parse(result.stdout) as Network[])[0] : undefined;
  const subnet = found?.IPAM.Config?.[0]?.Subnet ?? "";
  const prefix = /^(\d+\.\d+\.\d+)\.0\/(?:1\d|2[0-4])$/.exec(subnet)?.[1];
  if (prefix === undefined) return undefined;
  const taken = Object.values(found?.Containers ?? {}).map(({ IPv4Address }) => IPv4Address);
  for (let last = 254; last >= 200; last -= 1) {
    const address = `${prefix}.${last}`;
    if (!taken.some((each) => each.startsWith(`${address}/`))) return address;
  }
  return undefined;
}
