import { ROOT } from "../session/workspace";
import type { Check, Facts } from "./check";
import { dns, pods } from "./cluster";
import { connections } from "./connections";
import { localDatabase, reachability } from "./database";
import type { Finding } from "./finding";
import { dockerImages, nodeImages, registryImages } from "./images";
import { disk, dockerDisk, nodes, profile, resources } from "./machine";
import { databasePort, nodePort, tunnel } from "./ports";
import { findCluster, findStack, groundsOf, passphrase } from "./stack";
import { findDocker, findNode, findTools } from "./toolchain";
import { updates } from "./updates";
import { address } from "./url";

const OF_THE_MACHINE: readonly Check[] = [passphrase, disk, dockerDisk, resources, profile, nodes];

const OF_THE_STACK: readonly Check[] = [
  ...[pods, dns, nodePort, databasePort, tunnel, address, localDatabase, reachability, connections],
  ...[nodeImages, dockerImages, registryImages, updates],
];

/**
 * Looks at everything that a stack needs, and changes nothing. Whatever is missing is a finding, and so is
 * what can't be looked at without it: the list is always whole.
 */
export async function* examine(stack: string): AsyncGenerator<Finding> {
  process.chdir(ROOT);
  yield findNode();
  const tools = await findTools();
  yield* tools.findings;
  const docker = await findDocker(tools.env);
  yield* docker.findings;
  const { findings, session } = findStack(stack, tools.env);
  yield* findings;
  const target = await findCluster(session, tools);
  const facts: Facts = { ...groundsOf(session), engine: docker.engine, cluster: target.cluster };
  for (const check of OF_THE_MACHINE) yield* await check(facts);
  yield* target.findings;
  for (const check of OF_THE_STACK) yield* await check(facts);
}
