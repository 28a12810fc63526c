import { type Arguments, entryOf, type FlagRules, readArguments } from "./arguments";
import { CHANGEABLE_KINDS, CLUSTER_KINDS, type Targets, targetsOf } from "./kinds";
import { manifestProblems, patchProblems } from "./manifest";
import { change, destructive, forbidden, read, type Scope, type Verdict } from "./verdict";

/** A command, its arguments told apart. */
interface Call extends Arguments {
  scope: Scope;
  stdin: string | undefined;
}

/** A verb of kubectl: its flags, and what a call of it is. */
interface Verb extends FlagRules {
  judge: (call: Call) => Verdict;
}

const SELECTION = ["l", "selector", "field-selector"] as const;
const OUTPUT = ["o", "output", "sort-by", "L", "label-columns"] as const;
const DRY_RUN = ["dry-run", "o", "output", "field-manager"] as const;
const SAFE_OUTPUT = /^(name|wide|json|yaml|jsonpath=.*|custom-columns=.*)$/s;
const RESTARTS = "starts its pods anew";

const FORBIDDEN_VERBS: Readonly<Record<string, string>> = {
  exec: "runs a command in a container, where the secrets are",
  attach: "attaches to a container",
  cp: "copies files of a container",
  debug: "puts a container beside another, where the secrets are",
  run: "starts a container of any image",
  edit: "opens an editor: what it will do can't be seen before",
  "port-forward": "opens a way into the cluster",
  proxy: "opens a way into the cluster",
  config: "reads or alters credentials",
  certificate: "decides on credentials",
  cordon: "leaves the namespace: it alters a node",
  uncordon: "leaves the namespace: it alters a node",
  drain: "leaves the namespace: it alters a node",
  taint: "leaves the namespace: it alters a node",
};

const VERBS: Readonly<Record<string, Verb>> = {
  get: {
    alone: ["show-labels", "no-headers", "ignore-not-found", "show-kind"],
    valued: [...SELECTION, ...OUTPUT],
    judge: (call) => looksAt(call, "lists objects"),
  },
  describe: {
    valued: [...SELECTION, "show-events"],
    judge: (call) => looksAt(call, "describes objects"),
  },
  logs: {
    alone: ["p", "previous", "all-containers", "all-pods", "prefix", "timestamps", "ignore-errors"],
    valued: [
      "c",
      "container",
      "l",
      "selector",
      "tail",
      "since",
      "since-time",
      "limit-bytes",
      "max-log-requests",
    ],
    judge: (call) => looksAt(call, "shows logs", "pod"),
  },
  events: { valued: ["for", "types", "o", "output"], judge: () => read("lists events") },
  top: {
    alone: ["containers", "no-headers", "sum"],
    valued: ["l", "selector", "sort-by"],
    judge: (call) => looksAt(call, "shows what is used"),
  },
  explain: { valued: ["api-version"], judge: () => read("explains a kind") },
  "api-resources": {
    alone: ["no-headers", "namespaced"],
    valued: ["api-group", "o", "output"],
    judge: () => read("lists the kinds"),
  },
  version: { valued: ["o", "output"], judge: () => read("shows versions") },
  wait: {
    valued: ["for", "timeout", ...SELECTION],
    judge: (call) => looksAt(call, "waits for a condition"),
  },
  auth: {
    alone: ["list"],
    valued: ["subresource"],
    judge: ({ positionals }) =>
      positionals[0] === "can-i" || positionals[0] === "whoami"
        ? read("asks what is allowed")
        : forbidden("alters who may do what"),
  },
  rollout: { valued: ["to-revision", "timeout", "revision", "l", "selector"], judge: rollout },
  scale: { valued: ["replicas", "current-replicas", "timeout", "dry-run"], judge: scale },
  set: {
    alone: ["overwrite"],
    valued: ["c", "containers", "limits", "requests", ...DRY_RUN],
    judge: set,
  },
  label: { alone: ["overwrite"], valued: [...DRY_RUN], judge: metadata },
  annotate: { alone: ["overwrite"], valued: [...DRY_RUN], judge: metadata },
  patch: { valued: ["p", "patch", "type", ...DRY_RUN], judge: patch },
  apply: {
    alone: ["server-side"],
    valued: ["f", "filename", ...DRY_RUN],
    judge: (call) => manifest(call, "makes or alters what the manifest says"),
  },
  create: { valued: ["f", "filename", "image", "replicas", "port", ...DRY_RUN], judge: create },
  expose: {
    valued: ["port", "target-port", "name", "type", "protocol", ...DRY_RUN],
    judge: (call) => alters(call, targetsOf(call.positionals), "makes a Service"),
  },
  autoscale: {
    valued: ["min", "max", "cpu-percent", "cpu", "memory", "name", ...DRY_RUN],
    judge: (call) => alters(call, targetsOf(call.positionals), "makes an autoscaler"),
  },
  delete: {
    alone: ["all", "ignore-not-found", "now", "wait", "force"],
    valued: [...SELECTION, "grace-period", "timeout", "cascade", ...DRY_RUN],
    judge: remove,
  },
};

/** Judges a call of kubectl. @throws UnknownFlag */
export function judgeKubectl(
  args: readonly string[],
  scope: Scope,
  stdin: string | undefined,
): Verdict {
  const name = args[0] ?? "";
  if (name.startsWith("-")) return forbidden("the verb must come first");
  const reason = entryOf(FORBIDDEN_VERBS, name);
  if (reason !== undefined) return forbidden(reason);
  const verb = entryOf(VERBS, name);
  if (!verb) return forbidden(`"kubectl ${name}" isn't known here`);
  if (args.includes("-A") || args.some((arg) => arg.startsWith("--all-namespaces")))
    return forbidden("leaves the namespace: it takes all of them");
  if (args.some((arg) => /^(--raw|--as|--as-group|--as-uid|--token)(=|$)/.test(arg)))
    return forbidden("speaks to the API server as someone else, or past kubectl");
  const { positionals, flags } = readArguments(args.slice(1), {
    alone: verb.alone ?? [],
    valued: [...(verb.valued ?? []), "n", "namespace", "request-timeout"],
  });
  const elsewhere = [...(flags.get("n") ?? []), ...(flags.get("namespace") ?? [])].find(
    (namespace) => namespace !== scope.namespace,
  );
  if (elsewhere !== undefined) return forbidden(`leaves the namespace for ${elsewhere}`);
  if (stdin !== undefined && name !== "apply" && name !== "create")
    return forbidden("has a here-document that nothing reads");
  return verb.judge({ positionals, flags, scope, stdin });
}

function looksAt({ positionals, flags }: Call, what: string, defaultKind?: string): Verdict {
  for (const output of [...(flags.get("o") ?? []), ...(flags.get("output") ?? [])])
    if (!SAFE_OUTPUT.test(output)) return forbidden(`output "${output}" isn't allowed here`);
  // `logs POD CONTAINER` is an old form; `-c` says the same.
  const targets = targetsOf(positionals, defaultKind);
  const problem = cantName(targets);
  if (problem) return problem;
  if (targets.kinds.length === 0 && !flags.has("l") && !flags.has("selector"))
    return forbidden("names no object");
  return read(what);
}

function cantName({ kinds, unknown }: Targets): Verdict | undefined {
  if (kinds.includes("secret")) return forbidden("reads or alters Secrets");
  const [first] = unknown;
  return first === undefined ? undefined : forbidden(`"${first}" is no kind that is known here`);
}

function alters(call: Call, targets: Targets, what: string): Verdict {
  const problem = cantName(targets);
  if (problem) return problem;
  const kind = targets.kinds.find((item) => !CHANGEABLE_KINDS.has(item));
  if (kind !== undefined)
    return forbidden(
      CLUSTER_KINDS.has(kind)
        ? `leaves the namespace: it alters a ${kind}`
        : `alters a ${kind}, which only the Pulumi program may`,
    );
  if (targets.names.length === 0) return forbidden("names no object to alter");
  return dryRun(call) ? read(`${what}, as a dry run`) : change(what);
}

function dryRun({ flags }: Call): boolean {
  const value = flags.get("dry-run")?.at(-1);
  return value === "client" || value === "server";
}

function rollout(call: Call): Verdict {
  const [action = "", ...words] = call.positionals;
  const targets = targetsOf(words);
  if (action === "status" || action === "history") {
    return cantName(targets) ?? read(`shows the ${action} of a rollout`);
  }
  const verdict = alters(call, targets, `${action}s a rollout`);
  if (verdict.class === "forbidden" || action === "pause" || action === "resume") return verdict;
  const name = targets.names.join(" ");
  if (action === "restart") return destructive(RESTARTS, name);
  if (action === "undo")
    return destructive(
      `goes back behind Pulumi's back (npm run rollback does both); ${RESTARTS}`,
      name,
    );
  return forbidden(`"rollout ${action}" isn't known here`);
}

function scale(call: Call): Verdict {
  const targets = targetsOf(call.positionals);
  const replicas = call.flags.get("replicas")?.at(-1);
  if (replicas === undefined || !/^\d{1,3}$/.test(replicas))
    return forbidden("needs --replicas with a number");
  const verdict = alters(call, targets, `sets the number of pods to ${replicas}`);
  return verdict.class === "change" && Number(replicas) === 0
    ? destructive("stops every pod", targets.names.join(" "))
    : verdict;
}

function set(call: Call): Verdict {
  const [what = "", ...words] = call.positionals;
  if (what !== "image" && what !== "resources" && what !== "env")
    return forbidden(`"set ${what}" isn't known here`);
  const objects = words.filter((word) => !word.includes("=") && !/^[\w.]+-$/.test(word));
  return alters(call, targetsOf(objects), `sets ${what}; ${RESTARTS}`);
}

function metadata(call: Call): Verdict {
  const objects = call.positionals.filter((word) => !/=|^[^/]+\/[^/]+-$/.test(word));
  return alters(call, targetsOf(objects), "sets labels or annotations");
}

function patch(call: Call): Verdict {
  const text = call.flags.get("p")?.at(-1) ?? call.flags.get("patch")?.at(-1);
  if (text === undefined) return forbidden("has no patch that can be seen");
  const problems = patchProblems(text);
  if (problems.length > 0) return forbidden(...problems);
  return alters(call, targetsOf(call.positionals), "patches an object");
}

function manifest(call: Call, what: string): Verdict {
  const files = [...(call.flags.get("f") ?? []), ...(call.flags.get("filename") ?? [])];
  if (files.length !== 1 || files[0] !== "-" || call.stdin === undefined)
    return forbidden("takes a manifest that isn't shown (only -f - with a here-document is)");
  if (call.positionals.length > 0) return forbidden("has words beside the manifest");
  const problems = manifestProblems(call.stdin, call.scope);
  if (problems.length > 0) return forbidden(...problems);
  return dryRun(call) ? read(`${what}, as a dry run`) : change(what);
}

function create(call: Call): Verdict {
  const [kind, name, ...more] = call.positionals;
  if (kind === undefined) return manifest(call, "makes what the manifest says");
  if ((kind === "deployment" || kind === "deploy") && name !== undefined && more.length === 0)
    return alters(
      call,
      { kinds: ["deployment"], names: [name], unknown: [] },
      "makes a Deployment",
    );
  return forbidden(`"create ${kind}" isn't known here`);
}

function remove(call: Call): Verdict {
  const targets = targetsOf(call.positionals);
  const many = call.flags.has("all") || call.flags.has("l") || call.flags.has("selector");
  const named = many ? { ...targets, names: [call.scope.namespace] } : targets;
  const verdict = alters(call, named, "removes objects");
  if (verdict.class !== "change") return verdict;
  return many
    ? destructive("removes every object that matches", call.scope.namespace)
    : destructive("removes what is named", targets.names.join(" "));
}
