import * as log from "@pulumi/pulumi/log";
import { DependencyResource } from "@pulumi/pulumi/resource";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";

/** What a plugin says to the user while it works on one resource. */
export interface ResourceLog {
  /** A line that passes by: shown beside the resource while it is worked on, and not kept. */
  status(line: string): void;
  /** A line that stays in the command's output. */
  info(line: string): void;
  /** A warning that stays in the command's output. */
  warn(line: string): void;
  /** Resolves when the engine has all that was said: it shows nothing that comes after the answer. */
  delivered(): Promise<void>;
}

/** Gives the log of the resource with this URN. */
export type LogFor = (urn: string) => ResourceLog;

const SILENT: ResourceLog = {
  status: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  delivered: async () => undefined,
};

/**
 * Connects to the engine whose address is among the plugin's arguments.
 * A plugin started by hand has no engine: what it logs goes nowhere.
 */
export function connectEngine(args: readonly string[]): LogFor {
  const address = engineAddress(args);
  if (address === undefined) return () => SILENT;
  resetOptions("", "", -1, address, "", false, "");
  return (urn) => {
    const resource = new DependencyResource(urn);
    let last: Promise<void> | undefined; // the SDK sends one after the other
    const say =
      (level: typeof log.info, ephemeral: boolean) =>
      (line: string): void => {
        last = level(line, resource, undefined, ephemeral);
      };
    return {
      status: say(log.info, true),
      info: say(log.info, false),
      warn: say(log.warn, false),
      delivered: async () => last,
    };
  };
}

/** The first argument that is neither an option of the plugin's logging nor its value. */
function engineAddress(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--tracing");
}
