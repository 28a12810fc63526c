/** Everything that the project promises, by the numbers of its specification. */

/** One promise. */
export interface Requirement {
  /** "FR-001", "SC-001", "story 1.1", "edge case: OOM kill" or "goal: …". */
  id: string;
  /** What is promised, in a few words. */
  title: string;
  /** Least that the specification asks for, where it gives a number. */
  floor?: string;
  /** What this project wants to reach, where that is more. */
  goal?: string;
  /** The goal in numbers, all of which must be reached. */
  targets?: readonly Target[];
}

/** A number to reach. The worst of the figures counts. */
export type Target = {
  /** What the names of its figures have in common. */
  what: string;
  unit: string;
} & ({ atLeast: number } | { atMost: number /** Figures that it is a share of. */; of?: string });

const FUNCTIONAL = [
  "multi-stage back-end image on a minimal base",
  "front-end image of Next.js' standalone server",
  "images run as UID 1000, not root",
  ".dockerignore keeps modules, history, secrets, tests and artifacts out",
  "back-end image exposes 7860 and serves MCP at /mcp",
  "front-end image exposes 3000 and takes the back end's URL from its environment",
  "back-end image has a health check on /health",
  "base images have deterministic tags",
  "images carry a version and a git SHA as tags",
  "Python runs unbuffered and writes no bytecode",
  "dependencies are a layer below the application's code",
  "Gordon may help with Dockerfiles",
  "plain Docker commands build and run everything",
  "images build in under 5 minutes on warm bases",
  "the back-end image brings Alembic and the migrations",
  "a Deployment for the back end, 1 replica unless said",
  "a Deployment for the front end, 1 replica unless said",
  "requests 250m/256Mi and limits 500m/512Mi",
  "rolling updates with maxUnavailable 0 and maxSurge 1",
  "the front end's Service is a LoadBalancer by default",
  "the back end's Service is a ClusterIP",
  "a ConfigMap with everything that isn't confidential",
  "a Secret with everything that is",
  "containers take their configuration from both by variables",
  "back end: liveness every 10 s, 3 failures",
  "back end: readiness with the database, every 5 s",
  "back end: 30 s to start up",
  "front end: liveness every 10 s",
  "everything in a namespace of its own",
  "a Namespace manifest",
  "images reach the node without a registry account",
  "pull policy IfNotPresent, Always where wanted",
  "labels app, component and version",
  "at least 10 s to end gracefully",
  "kubectl-ai may help with manifests",
  "one umbrella chart for both services",
  "Chart.yaml with name, versions and description",
  "values.yaml with a comment on every value",
  "values in the groups global, backend, frontend and database",
  "replicas by values",
  "images by values",
  "resources by values",
  "values files for environments",
  "templates for every kind of object",
  "names by the fullname helper",
  "install and upgrade give the same state",
  "helm rollback to any revision",
  "atomic upgrades",
  "NOTES.txt tells how to reach the application",
  "helpers for names, labels and selectors",
  "the chart's README documents values, deployment and troubleshooting",
  "secrets by values, encoded by the templates",
  "probe paths that fit the endpoints, by values",
  "the chart's version is semantic",
  "helm lint and helm template are clean",
  "the database is outside the cluster",
  "the database's URL is in the Secret",
  "connectivity is checked at start and told by readiness",
  "a connection pool, 5 unless said",
  "3 retries with exponential backoff from 1 s",
  "migrations run as part of a deployment",
  "migrations are idempotent",
  "a database of its own for each environment",
  "Gordon for Docker operations",
  "kubectl-ai for operations in words",
  "kagent for the cluster's health",
  "no suggestion of an assistant runs unreviewed",
  "every assisted operation has its commands by hand",
  "no assistant gets at secrets",
  "questions, suggestions and decisions are recorded",
  "Gordon for Dockerfiles, reviewed",
  "kubectl-ai for exploring",
  "kagent for assessments",
  "everything works without any assistant",
  "it is recorded which assistant was used for what",
];

const SUCCESS: Omit<Requirement, "id">[] = [
  {
    title: "image sizes, back end and front end",
    floor: "< 500, < 300 MB",
    goal: "≤ 200, ≤ 180 MB",
    targets: [
      { what: "back end's image", atMost: 200, unit: "MB" },
      { what: "front end's image", atMost: 180, unit: "MB" },
    ],
  },
  { title: "containers are healthy after their creation", floor: "30 s" },
  { title: "all configuration is outside the images" },
  { title: "one helm install to a healthy application", floor: "2 min" },
  {
    title: "helm rollback",
    floor: "60 s",
    goal: "≤ 30 s",
    targets: [{ what: "helm rollback", atMost: 30, unit: "s" }],
  },
  { title: "pods go without loss of data" },
  { title: "helm lint has nothing to say" },
  { title: "pods stay within their limits under normal load", floor: "500m, 512Mi" },
  {
    title: "database gone to endpoint gone",
    floor: "15 s",
    goal: "≤ 10 s each way",
    targets: [
      { what: "endpoint gone after", atMost: 10, unit: "s" },
      { what: "endpoint back after", atMost: 10, unit: "s" },
    ],
  },
  { title: "a newcomer deploys by the chart's README", floor: "15 min" },
  {
    title: "graceful shutdown",
    floor: "10 s",
    goal: "≤ 8 s with chats going on",
    targets: [{ what: "told to end to gone", atMost: 8, unit: "s" }],
  },
  { title: "no secret in clear anywhere" },
  {
    title: "rolling updates without downtime",
    floor: "a pod serves",
    goal: "10,000 requests, 0 failed",
    targets: [
      { what: "rolling restarts: requests meanwhile", atLeast: 10_000, unit: "requests" },
      { what: "requests that failed", atMost: 0, unit: "requests" },
    ],
  },
  {
    title: "footprint of both services",
    floor: "< 2 GB, 2 CPUs",
    goal: "≤ 400 MB in use",
    targets: [{ what: "memory of both services", atMost: 400, unit: "MB" }],
  },
  { title: "assistants shorten common operations" },
];

const STORIES: readonly (readonly string[])[] = [
  [
    "the back-end image builds, small and not root",
    "the back-end container serves, is healthy and has /mcp",
    "the front-end image builds, small and not root",
    "the front-end container talks to the back end",
    "a chat message goes through both and back",
    "/health answers with service and version within 2 s",
    "Gordon suggests improvements of Dockerfiles",
    "without Gordon plain Docker does",
  ],
  [
    "the back end's pod runs and logs its start",
    "the front end's pod runs and reaches the back end",
    "services are reachable from the host",
    "pods read settings from the ConfigMap",
    "pods read secrets, which show nowhere",
    "pods keep within their resources",
    "a task is made through the chat",
    "kubectl-ai proposes manifests for review",
    "everything is in its namespace",
  ],
  [
    "helm install makes everything run",
    "helm list shows the release",
    "one pod of each service by default",
    "staging values: two pods, other limits",
    "a new image tag rolls the pods",
    "Chart.yaml is complete",
    "values.yaml is documented",
    "kubectl-ai proposes values for review",
  ],
  [
    "liveness answers 200",
    "readiness answers 200 with a database",
    "without a database it answers 503, and traffic stops",
    "start-up may take 30 s",
    "the front end's endpoint answers 200",
    "three failures restart the pod, with an event",
    "probes are configurable by values",
  ],
  [
    "helm rollback from a broken image within 60 s",
    "an atomic upgrade goes back by itself",
    "a conversation goes on after the back end's pod was deleted",
    "a session goes on after the front end's pod was killed",
    "the history shows what each revision was",
    "kagent assesses the cluster after a rollback",
  ],
  [
    "Gordon analyses a Dockerfile, for review",
    "kubectl-ai scales after a yes",
    "kubectl-ai finds out why pods fail",
    "kagent reports the cluster's health",
    "kagent suggests resources",
    "destructive suggestions need an explicit yes",
    "by hand the same result without assistants",
    "commands and output are recorded",
  ],
];

const EDGE_CASES = [
  "image pull failure",
  "port conflict",
  "database unreachable",
  "OOM kill",
  "cluster out of room",
  "Secret misconfiguration",
  "ConfigMap change",
  "partial upgrade failure",
  "concurrent operations",
  "stale image under a re-used tag",
  "DNS",
  "start-up probe timeout",
  "tunnel interrupted",
];

const GOALS: Requirement[] = [
  {
    id: "goal: up",
    title: "the first up on a running cluster, with tools and base images there",
    floor: "2 min",
    goal: "≤ 60 s beyond the images' builds",
    targets: [{ what: "beyond the images' builds", atMost: 60, unit: "s" }],
  },
  {
    id: "goal: no-op",
    title: "an up or preview that changes nothing, against an empty program's",
    goal: "≤ 2.5 ×, ≤ 2 ×",
    targets: [
      { what: "up against the empty program's", atMost: 2.5, unit: "×" },
      { what: "preview against the empty program's", atMost: 2, unit: "×" },
    ],
  },
  {
    id: "goal: inner loop",
    title: "an edited line to a ready pod, against the usual script",
    goal: "≤ 9 s, ≤ ½",
    targets: [
      { what: "pulumi up: to a ready pod", atMost: 9, unit: "s" },
      { what: "share of the script's time", atMost: 1 / 2, unit: "×" },
    ],
  },
  {
    id: "goal: dev loop",
    title: "npm run dev: a save to the byte that the cluster serves",
    goal: "median ≤ 1 s, worst ≤ 2 s, no request failed",
    targets: [
      { what: "save to served byte, median", atMost: 1, unit: "s" },
      { what: "save to served byte, worst", atMost: 2, unit: "s" },
      { what: "failed requests", atMost: 0, unit: "requests" },
    ],
  },
  {
    id: "goal: image delivery",
    title: "a changed image into Minikube, against minikube image load",
    goal: "≤ 0.12 ×",
    targets: [
      { what: "this project's delivery", of: "minikube image load", atMost: 0.12, unit: "s" },
    ],
  },
  {
    id: "goal: bad image",
    title: "a release that can't start to the old one serving alone",
    floor: "60 s",
    goal: "≤ 45 s, no request failed",
    targets: [
      { what: "broken image built to the old one alone", atMost: 45, unit: "s" },
      { what: "requests meanwhile that failed", atMost: 0, unit: "requests" },
    ],
  },
  {
    id: "goal: repair",
    title: "an update that was killed (SIGKILL) to the next one's success, without a step by hand",
    goal: "≤ 60 s",
    targets: [{ what: "up after SIGKILL of an update, repair included", atMost: 60, unit: "s" }],
  },
  {
    id: "goal: rollback",
    title: "rollback of a release that looked good",
    floor: "60 s",
    goal: "≤ 30 s",
    targets: [{ what: "npm run rollback", atMost: 30, unit: "s" }],
  },
  {
    id: "goal: chat turn",
    title: "a chat turn with 20 users at once, 95 of 100",
    goal: "≤ 300 ms",
    targets: [{ what: "p95", atMost: 300, unit: "ms" }],
  },
  {
    id: "goal: page load",
    title: "JavaScript over the wire, and how soon a page shows and answers, while other tests run",
    goal: "≤ 120 kB for /sign-in, ≤ 300 kB for /chat",
    targets: [
      { what: "/sign-in: JavaScript", atMost: 120, unit: "kB" },
      { what: "/chat: JavaScript", atMost: 300, unit: "kB" },
    ],
  },
  {
    id: "goal: assistant",
    title: "what people really type does what they mean, without a key or a network",
    goal: "≥ 92 % right, none harmful",
    targets: [
      { what: "sentences that are right", unit: "%", atLeast: 92 },
      { what: "sentences that do harm", unit: "sentences", atMost: 0 },
    ],
  },
  {
    id: "goal: unit tests",
    title: "npm run test:unit",
    goal: "≤ 20 s",
    targets: [{ what: "test:unit", atMost: 20, unit: "s" }],
  },
  {
    id: "goal: whole run",
    title: "all of npm test, with everything fetched",
    goal: "≤ 12 min",
    targets: [{ what: "npm test", atMost: 12 * 60, unit: "s" }],
  },
];

function number(index: number): string {
  return String(index + 1).padStart(3, "0");
}

/** All of them, in the specification's order. */
export const REQUIREMENTS: readonly Requirement[] = [
  ...STORIES.flatMap((scenarios, story) =>
    scenarios.map((title, scenario) => ({ id: `story ${story + 1}.${scenario + 1}`, title })),
  ),
  ...EDGE_CASES.map((name) => ({ id: `edge case: ${name}`, title: name })),
  ...FUNCTIONAL.map((title, index) => ({ id: `FR-${number(index)}`, title })),
  ...SUCCESS.map((rest, index) => ({ id: `SC-${number(index)}`, ...rest })),
  ...GOALS,
];
