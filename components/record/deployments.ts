/** The deployments that a rollback can return to, kept in the state with all that they need. */
import type { dynamic } from "@pulumi/pulumi";
import { packChart } from "./chart-archive";
import type { KeptDeployment } from "./deployment";
import { legacyDeployments } from "./legacy";

interface Inputs extends KeptDeployment {
  stack: string;
  /** Folder of the chart. */
  chart: string;
  /** Number of the attempt that has succeeded with this. */
  attempt: number;
  /** How many to keep beside the newest. */
  keep: number;
  /** Whether this one is kept; a development loop's isn't. */
  kept: boolean;
}

/** What the state holds. */
export interface DeploymentsState extends Inputs {
  /** The one that was deployed last is the last. */
  deployments: KeptDeployment[];
  /** Numbers of the attempts that succeeded. */
  served: number[];
  /** Packed charts by their hashes. */
  charts: Record<string, string>;
}

/** Keeps deployments in the state, once they serve: everybody who works on the stack can go back to them. */
export const provider: dynamic.ResourceProvider<Inputs, DeploymentsState> = {
  async diff(_id, olds, news) {
    const same =
      olds.deployments.at(-1)?.identity === news.identity &&
      olds.attempt === news.attempt &&
      olds.keep === news.keep;
    return { changes: news.kept && !same };
  },
  async create(inputs) {
    const legacy = legacyDeployments(inputs.stack);
    const charts = legacy.map(({ chartHash, chart }) => [chartHash, packChart(chart)]);
    const before = {
      deployments: legacy.map(
        ({ chart: _chart, time: _time, ...deployment }): KeptDeployment => deployment,
      ),
      served: legacy.map((_, index) => index + 1),
      charts: Object.fromEntries(charts) as Record<string, string>,
    };
    return { id: inputs.stack, outs: added(inputs, before) };
  },
  async update(_id, olds, news) {
    return { outs: added(news, olds) };
  },
  async read(id, state) {
    return { id, props: state as DeploymentsState };
  },
  async delete() {
    // It goes with the state.
  },
};

type Kept = Pick<DeploymentsState, "deployments" | "served" | "charts">;

/** What is kept already, as after a rollback, moves to the end, and pushes nothing out. */
function added(inputs: Inputs, before: Kept): DeploymentsState {
  if (!inputs.kept) return { ...inputs, ...before };
  const { identity, version, values, tags, chartHash, config, salt, chart, attempt, keep } = inputs;
  const now: KeptDeployment = {
    ...{ identity, version, values, tags, chartHash, config },
    ...(salt && { salt }),
  };
  const others = before.deployments.filter((each) => each.identity !== identity);
  const isNew = others.length === before.deployments.length;
  const surplus = isNew || inputs.keep < others.length ? Math.max(0, others.length - keep) : 0;
  const deployments = [...others.slice(surplus), now];
  const charts: Record<string, string> = {};
  for (const { chartHash: hash } of deployments)
    charts[hash] = before.charts[hash] ?? (hash === chartHash ? packChart(chart) : "");
  const served = [...new Set([...before.served, attempt])];
  return { ...inputs, deployments, served, charts };
}
