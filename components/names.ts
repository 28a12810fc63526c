/** Names that several parts rely on, each in this one place; the chart derives the same ones. */

/** Pulumi project, which is also the prefix of its configuration keys. */
export const PROJECT = "todo-app";
/** The stack that commands mean unless told; it needs no file of its own, as every key has a default. */
export const DEFAULT_STACK = "dev";
/** Helm release. */
export const RELEASE = "todo-app";
/** Kubernetes Secret with everything confidential. */
export const SECRET = "todo-app-secrets";
/** Deployment and Service of the back end. */
export const BACKEND = "todo-app-backend";
/** Deployment and Service of the front end. */
export const FRONTEND = "todo-app-frontend";
/** ConfigMap with the proxy and the authorities of a company's network, where a stack is in one. */
export const NETWORK = "todo-app-network";
/** Label selector of everything that belongs to the application. */
export const PART_OF = "app.kubernetes.io/part-of=todo-app";

/** Types of resources that commands look for in a stack's state. */
export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  kubernetesProvider: "pulumi:providers:kubernetes",
  image: "docker:index/image:Image",
  namespace: "kubernetes:core/v1:Namespace",
  release: "kubernetes:helm.sh/v3:Release",
  secret: "kubernetes:core/v1:Secret",
  attempts: "pulumi-nodejs:dynamic/todo-app:Attempts",
  deployments: "pulumi-nodejs:dynamic/todo-app:Deployments",
  database: "pulumi-nodejs:dynamic/todo-app:LocalDatabase",
} as const;

/** URN of the stack's Secret: a part of the component that makes it. */
export function secretUrn(stack: string): string {
  return `urn:pulumi:${stack}::${PROJECT}::todo-app:components:AppSecrets$${TYPES.secret}::${PROJECT}`;
}

/** Container of a stack's local database, and the volume with its data: they share a name. */
export function databaseName(stack: string): string {
  return `todo-app-${stack}-database`;
}

/** Commands that work on a stack, where a text names one and no stack; those that a word or flag leads elsewhere are left out. */
const ON_A_STACK =
  /\bnpm run (up|preview|rollback|unlock|doctor|logs|status|open|psql|shell)\b(?! -- [^;,)`\n]*--stack)( -- )?/g;

/** A text with what it tells people to run said for their stack: without its name it would be done to the usual one. */
export function forStack(text: string, stack: string): string {
  if (stack === DEFAULT_STACK) return text;
  return text.replace(
    ON_A_STACK,
    (_, command: string, more?: string) =>
      `npm run ${command} -- --stack ${stack}${more === undefined ? "" : " "}`,
  );
}

/** A text with each kubectl command in it said for a stack's cluster: people's own context may be another one. */
export function forCluster(
  text: string,
  { kubeContext, namespace }: { kubeContext: string; namespace: string },
): string {
  return text.replace(
    /\bkubectl (?=(describe|logs|rollout|scale|uncordon)\b)/g,
    `kubectl --context ${kubeContext} --namespace ${namespace} `,
  );
}
