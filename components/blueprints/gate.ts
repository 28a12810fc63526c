import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { dockerfileRules } from "../../blueprints/docker";
import { readDockerfile } from "../../blueprints/docker/parse";
import { type Exception, judge, type Verdict } from "../../blueprints/exceptions";
import { helmRules } from "../../blueprints/helm";
import { readChart } from "../../blueprints/helm/chart";
import { kubernetesRules } from "../../blueprints/kubernetes";
import { Objects } from "../../blueprints/kubernetes/objects";
import { noted, refusal } from "../../blueprints/report";
import { check, type Finding } from "../../blueprints/rule";
import { messageOf } from "../../common/errors";
import { completeValues, UNKNOWN_CHECKSUM } from "../chart/complete-values";
import { knownOr, renderChart } from "../release/render";
import type { JsonObject } from "../runtime/json";

/** What the blueprints look at. */
export interface GateArgs {
  /**
   * What the release is made from: Dockerfiles, relative to the project, and the application's version.
   * Undefined in a rollback, which makes nothing anew: only what will run is looked at.
   */
  sources: { dockerfiles: readonly string[]; version: string } | undefined;
  /** Folder of the chart, relative to the project. */
  chart: string;
  release: string;
  /** Name of the namespace, known before it is there. */
  namespace: string;
  /** The chart's values but for what the Secret gives them. */
  values: JsonObject;
  secret: { name: string; checksum: pulumi.Output<string> };
  /** Findings that the stack accepts. */
  exceptions: readonly Exception[];
}

/**
 * Between the program and everything that it changes: until the blueprints have looked at Dockerfiles,
 * chart and rendered objects, no resource is registered but the provider that renders.
 */
export class Gate {
  private open: (checked: Promise<void>) => void = () => undefined;
  private readonly checked = new Promise<void>((resolve, reject) => {
    this.open = resolve;
    // What waits must not wait for a program that has thrown meanwhile.
    setImmediate(() => reject(new pulumi.RunError("nothing was changed: the program failed")));
  });

  /** Resources made from now on wait for {@link check}; in a preview, which changes nothing, they don't. */
  constructor() {
    if (pulumi.runtime.isDryRun()) return;
    // What waits learns late of a refusal; Node would warn of each that does.
    process.on("rejectionHandled", () => undefined);
    pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
      if (type.startsWith("pulumi:providers:")) return undefined;
      const { dependsOn } = opts;
      const before = dependsOn === undefined ? [] : [dependsOn].flat();
      // A dependency may itself be a promise of several, whatever the types say.
      const waiting = this.checked.then(() => before) as Promise<pulumi.Input<pulumi.Resource>[]>;
      return { props, opts: { ...opts, dependsOn: waiting } };
    });
  }

  /** A stack's output, once all has passed: Pulumi tells errors as such only while the outputs are awaited. */
  passed<T>(output: pulumi.Output<T>): pulumi.Output<T> {
    return pulumi.all([output, this.checked]).apply(([value]) => value) as pulumi.Output<T>;
  }

  /** Checks what is to be released. The run fails with every mandatory finding, and shows the others. */
  check(args: GateArgs, provider: Provider): void {
    const checked = verdict(args, provider).then(async (found) => {
      const refused = refusal(found);
      if (refused !== undefined) throw new pulumi.RunError(refused);
      const text = noted(found);
      if (text !== undefined) await pulumi.log.warn(text);
    });
    this.open(checked);
  }
}

/** What the blueprints say of a release. */
export async function verdict(args: GateArgs, provider: Provider): Promise<Verdict> {
  const { chart, exceptions, sources } = args;
  const written = sources
    ? [
        ...sources.dockerfiles.flatMap((file) => check(dockerfileRules, readDockerfile(file))),
        ...check(helmRules, readChart(chart, sources.version)),
      ]
    : [];
  return judge([...written, ...(await findingsInObjects(args, provider))], exceptions);
}

async function findingsInObjects(args: GateArgs, provider: Provider): Promise<Finding[]> {
  const { chart, release, namespace, secret } = args;
  // The update itself makes the Secret, after this; only its name matters to a rule.
  const checksum = pulumi.runtime.isDryRun()
    ? await new Promise<string>((resolve) =>
        knownOr(secret.checksum, UNKNOWN_CHECKSUM).apply(resolve),
      )
    : UNKNOWN_CHECKSUM;
  const values = completeValues(args.values, chart, { name: secret.name, checksum });
  try {
    const objects = await renderChart({ chart, release, namespace, values }, provider);
    return check(kubernetesRules, new Objects(objects));
  } catch (error) {
    throw new pulumi.RunError(`the chart ${chart} can't be rendered: ${messageOf(error)}`);
  }
}
