/** A Minikube profile of a test's own, with as many nodes as it likes. */
import { join } from "node:path";
import { run, tryRun } from "../../../common/run";
import { localImageId } from "../../../components/images/docker";
import { imageStores } from "../../../components/minikube/node-images";
import { minikubeStartArgs } from "../../../tools/cluster";
import { eventually, Namespace } from "./namespace";

const READY_SECONDS = 90;
const NO_NETWORK = join(__dirname, "no-network.yaml");

/** A node, as far as its place in the network matters. */
interface Node {
  metadata: { name: string };
  spec: { podCIDR?: string };
  status: {
    addresses: { type: string; address: string }[];
    conditions: { type: string; status: string }[];
  };
}

export class Profile {
  private readonly cluster: Namespace;

  constructor(readonly name: string) {
    this.cluster = new Namespace("default", name);
  }

  /** Makes the profile anew; all its nodes are Ready afterwards. Gives their names. */
  async start(count: number): Promise<string[]> {
    await this.remove();
    await run("minikube", [
      ...["start", "--profile", this.name, "--keep-context"],
      // Minikube would publish the same ports for each node.
      ...(await minikubeStartArgs("missing")).filter((arg) => !arg.startsWith("--ports=")),
      ...[`--nodes=${count}`, `--cni=${NO_NETWORK}`],
    ]);
    await this.shareImages();
    await this.connectPods(count);
    await eventually(READY_SECONDS, async () => (await this.nodes()).every(isReady), "Ready nodes");
    return (await this.nodes()).map(({ metadata }) => metadata.name);
  }

  /** Removes the profile; fine where there is none. */
  async remove(): Promise<void> {
    await run("minikube", ["delete", "--profile", this.name]);
    await tryRun("docker", ["network", "rm", this.name]); // stays where there were several nodes
  }

  /** Address of the first node. */
  ip(): Promise<string> {
    return run("minikube", ["ip", "--profile", this.name]);
  }

  /** Address of this machine on the nodes' network. */
  async gateway(): Promise<string> {
    const format = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
    return run("docker", ["network", "inspect", this.name, "--format", format]);
  }

  /** Nodes beside the first would fetch Kubernetes' own images: they get those that are on this machine. */
  private async shareImages(): Promise<void> {
    const text = await onNode(this.name, ["crictl", "images", "--output", "json"]);
    const { images } = JSON.parse(text) as { images: { repoTags: string[] }[] };
    const needed = images
      .flatMap(({ repoTags }) => repoTags)
      .filter((image) => /\/(pause|kube-proxy):/.test(image));
    for (const image of needed) {
      if (!(await localImageId(image))) continue;
      for (const store of await imageStores(this.name))
        if (!(await store.idOf(image))) await store.add(image);
    }
  }

  /**
   * Makes one network of the pods of all nodes: a bridge on each, and routes between them. Each of
   * Minikube's own networks for several nodes needs an image that not every machine can fetch.
   */
  private async connectPods(count: number): Promise<void> {
    const nodes = await eventually(READY_SECONDS, async () => {
      const found = await this.nodes();
      return found.length === count && found.every(({ spec }) => spec.podCIDR) && found;
    });
    for (const node of nodes) {
      const { name } = node.metadata;
      for (const other of nodes) {
        if (other === node) continue;
        const route = ["ip", "route", "replace", other.spec.podCIDR ?? "", "via", addressOf(other)];
        await onNode(name, route);
      }
      const write = ["sh", "-c", "cat > /etc/cni/net.d/10-bridge.conflist"];
      await onNode(name, write, JSON.stringify(bridge(node.spec.podCIDR ?? "")));
    }
  }

  private nodes(): Promise<Node[]> {
    return this.cluster.list<Node>("nodes");
  }
}

/** Runs a command on a node, by its name, and gives its output. @throws CommandError */
export function onNode(node: string, args: readonly string[], input?: string): Promise<string> {
  if (input === undefined) return run("docker", ["exec", node, ...args]);
  return run("docker", ["exec", "--interactive", node, ...args], { input });
}

function bridge(subnet: string): object {
  return {
    cniVersion: "0.4.0",
    name: "bridge",
    plugins: [
      {
        type: "bridge",
        bridge: "bridge",
        isDefaultGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: "host-local", subnet },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

function addressOf({ status }: Node): string {
  return status.addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
}

function isReady({ status }: Node): boolean {
  return status.conditions.some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  );
}
