/** What a review says about a command. */

/**
 * - read: looks, and nothing else
 * - change: alters an object, in a way that another command takes back
 * - destructive: ends, removes or replaces something that runs
 * - forbidden: never runs here: it reads secrets, leaves the namespace, needs a shell, or isn't understood
 */
export type CommandClass = "read" | "change" | "destructive" | "forbidden";

/** Where commands may reach. */
export interface Scope {
  /** Namespace of the stack. */
  namespace: string;
  /** Name of the Helm release in it. */
  release: string;
  /** Context of the engineer's kubeconfig that names the cluster. */
  kubeContext: string;
}

/** A class, and why. */
export interface Verdict {
  class: CommandClass;
  /** In a few words each: what the command does, or why it is forbidden. */
  reasons: string[];
  /** What has to be typed before a destructive command runs: the name of what it ends. */
  name?: string;
}

export function read(reason: string): Verdict {
  return { class: "read", reasons: [reason] };
}

export function change(reason: string): Verdict {
  return { class: "change", reasons: [reason] };
}

export function destructive(reason: string, name: string): Verdict {
  return { class: "destructive", reasons: [reason], name };
}

export function forbidden(...reasons: string[]): Verdict {
  return { class: "forbidden", reasons };
}
