/** Kinds of questions: which assistant suits each, and the commands that answer it without any. */
import type { AssistantName } from "./assistants";
import type { Scope } from "./review";

export const QUESTION_KINDS = [
  "diagnosis",
  "scaling",
  "restart",
  "rollback",
  "health",
  "resources",
  "logs",
  "image",
  "deployment",
] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** What is known about a kind of question. */
export interface QuestionGuide {
  title: string;
  /** Whom to ask, best first. Gordon is never chosen by itself: nothing here can hold it. */
  assistants: readonly AssistantName[];
  /** Commands that answer the question by hand. */
  manual: readonly string[];
}

/** In order: the first that matches decides, so the more particular ones come first. */
const SIGNS: readonly (readonly [QuestionKind, RegExp])[] = [
  [
    "image",
    /\bdocker ?file|\bimage (size|layer)|\b(build|layer) cach|\bmulti-?stage|\b(smaller|slim|shrink)\b/i,
  ],
  ["scaling", /\bscale|\breplicas?\b|\bmore pods\b/i],
  [
    "rollback",
    /(?<!\bafter\b.*)\broll(ed|ing)? ?back|\bundo\b|\bprevious version|\bhelm history|\brevision/i,
  ],
  ["restart", /(?<!\bwhy\b.*)\brestart (the|all|both|back|front|pods?|deploy)|\bbounce\b/i],
  [
    "resources",
    /\bresource|\bcpu\b|\bmemory\b|\blimits?\b|\brequests\b|\bright-?siz|\boptimi[sz]e/i,
  ],
  [
    "diagnosis",
    /\bwhy\b|\bfail|\bcrash|\bnot (ready|running|start)|\bpending\b|\berror|\bbroken|\bOOM|\bdiagnos|\bdebug|\bunhealthy|\bdown\b/i,
  ],
  ["health", /\bhealth|\bstatus\b|\boverview|\bcluster\b|\bokay?\b|\bproblems?\b/i],
  ["logs", /\blogs?\b/i],
  ["deployment", /\b(generate|create|deploy|write)\b|\bmanifest/i],
];

/** The kind of a question; "diagnosis", which looks at everything, where none is told. */
export function kindOfQuestion(question: string): QuestionKind {
  return SIGNS.find(([, sign]) => sign.test(question))?.[0] ?? "diagnosis";
}

/** What to do about a question. */
export function guideTo(question: string, scope: Scope, stack: string): QuestionGuide {
  return guides(scope, stack, componentOf(question))[kindOfQuestion(question)];
}

function componentOf(question: string): "backend" | "frontend" {
  return /front[ -]?end/i.test(question) ? "frontend" : "backend";
}

function guides(
  { namespace, release, kubeContext }: Scope,
  stack: string,
  component: string,
): Record<QuestionKind, QuestionGuide> {
  const target = `--context=${kubeContext} --namespace=${namespace}`;
  const kubectl = (command: string): string => {
    const [verb = "", ...rest] = command.split(" ");
    return ["kubectl", verb, ...rest, target].join(" ");
  };
  const deployment = `deployment/${release}-${component}`;
  const selector = `--selector=app.kubernetes.io/instance=${release},app.kubernetes.io/component=${component}`;
  const npm = (command: string, flags = ""): string =>
    `npm run ${command} -- --stack ${stack}${flags}`;
  return {
    diagnosis: {
      title: "why something doesn't run",
      assistants: ["kubectl-ai", "kagent"],
      manual: [
        npm("ops"),
        kubectl(`get pods ${selector} --output=wide`),
        kubectl(`describe pods ${selector}`),
        kubectl(`logs ${selector} --all-containers --tail=50 --prefix`),
        kubectl(`logs ${deployment} --all-containers --previous --tail=50`),
        kubectl("get events --sort-by=.lastTimestamp"),
      ],
    },
    scaling: {
      title: "the number of pods",
      assistants: ["kubectl-ai"],
      manual: [
        `pulumi config set replicas 2 --stack ${stack}`,
        npm("up"),
        kubectl(`scale ${deployment} --replicas=2`),
        kubectl(`rollout status ${deployment}`),
      ],
    },
    restart: {
      title: "pods that start anew",
      assistants: ["kubectl-ai"],
      manual: [kubectl(`rollout restart ${deployment}`), kubectl(`rollout status ${deployment}`)],
    },
    rollback: {
      title: "an earlier version",
      assistants: ["kubectl-ai"],
      manual: [
        `pulumi stack history --stack ${stack}`,
        `helm history ${release} --kube-context=${kubeContext} --namespace=${namespace}`,
        npm("rollback"),
      ],
    },
    health: {
      title: "how the application and the cluster are",
      assistants: ["kagent", "kubectl-ai"],
      manual: [
        npm("ops"),
        kubectl("get pods --output=wide"),
        kubectl("get deployments,services,endpointslices"),
        kubectl("get nodes"),
        kubectl("get events --sort-by=.lastTimestamp"),
        `helm history ${release} --kube-context=${kubeContext} --namespace=${namespace}`,
      ],
    },
    resources: {
      title: "requests and limits",
      assistants: ["kagent", "kubectl-ai"],
      manual: [
        npm("ops"),
        kubectl("top pods --containers"),
        kubectl(
          `get ${deployment} --output=jsonpath={.spec.template.spec.containers[0].resources}`,
        ),
        `pulumi config set --path ${component}Resources.limits.memory 768Mi --stack ${stack}`,
        npm("up"),
      ],
    },
    logs: {
      title: "what the pods say",
      assistants: ["kubectl-ai"],
      manual: [
        npm("logs", ` --component ${component}`),
        kubectl(`logs ${selector} --all-containers --tail=100 --prefix`),
      ],
    },
    image: {
      title: "Dockerfiles and images",
      assistants: [],
      manual: [
        `docker build --check apps/${component}`,
        `docker build -t todo-${component}:try apps/${component}`,
        `docker image ls todo-${component}`,
        `docker history --no-trunc todo-${component}:try`,
      ],
    },
    deployment: {
      title: "a new object",
      assistants: ["kubectl-ai"],
      manual: [
        kubectl("create deployment NAME --image=IMAGE --dry-run=client --output=yaml"),
        kubectl("apply --dry-run=server --filename=FILE"),
        kubectl("apply --filename=FILE"),
      ],
    },
  };
}
