import { guideTo, kindOfQuestion } from "../../../ops/questions";

const SCOPE = { namespace: "shop", release: "shop-app", kubeContext: "far" };
const TARGET = "--context=far --namespace=shop";

test.each([
  ["shrink the back end's Dockerfile", "image"],
  ["why is the build cache never used?", "image"],
  ["scale the back end to 3", "scaling"],
  ["I need more pods", "scaling"],
  ["roll back to yesterday's", "rollback"],
  ["undo the last deployment", "rollback"],
  ["is the cluster fine after the roll back?", "health"],
  ["restart the front end", "restart"],
  ["bounce it", "restart"],
  ["why does it restart all the time?", "diagnosis"],
  ["how much memory is used?", "resources"],
  ["right-size it", "resources"],
  ["something is broken", "diagnosis"],
  ["is everything okay?", "health"],
  ["show me the logs", "logs"],
  ["write a manifest of a cron job", "deployment"],
  ["hm", "diagnosis"],
])("%j is a question of %s", (question, kind) => {
  expect(kindOfQuestion(question)).toBe(kind);
});

describe("the commands of a guide", () => {
  const manual = (question: string): readonly string[] => guideTo(question, SCOPE, "live").manual;

  test("are for the stack's own context, namespace and release", () => {
    expect(manual("why is it broken?")).toEqual([
      "npm run ops -- --stack live",
      ...[
        "get pods --selector=app.kubernetes.io/instance=shop-app,app.kubernetes.io/component=backend --output=wide",
        "describe pods --selector=app.kubernetes.io/instance=shop-app,app.kubernetes.io/component=backend",
        "logs --selector=app.kubernetes.io/instance=shop-app,app.kubernetes.io/component=backend --all-containers --tail=50 --prefix",
        "logs deployment/shop-app-backend --all-containers --previous --tail=50",
        "get events --sort-by=.lastTimestamp",
      ].map((command) => `kubectl ${command} ${TARGET}`),
    ]);
    expect(manual("undo it")).toEqual([
      "pulumi stack history --stack live",
      "helm history shop-app --kube-context=far --namespace=shop",
      "npm run rollback -- --stack live",
    ]);
  });

  test.each(["restart the front end", "restart the frontend", "restart the Front-End"])(
    "%j is about the front end",
    (question) => {
      expect(manual(question)).toEqual([
        `kubectl rollout restart deployment/shop-app-frontend ${TARGET}`,
        `kubectl rollout status deployment/shop-app-frontend ${TARGET}`,
      ]);
    },
  );

  test("ask for the back end where no component is named", () => {
    expect(manual("show me the logs")[0]).toBe("npm run logs -- --stack live --component backend");
    expect(manual("how much memory?")).toContain(
      "pulumi config set --path backendResources.limits.memory 768Mi --stack live",
    );
  });

  test("that change anything are followed by one that shows what came of it", () => {
    expect(manual("scale it").slice(-2)).toEqual([
      `kubectl scale deployment/shop-app-backend --replicas=2 ${TARGET}`,
      `kubectl rollout status deployment/shop-app-backend ${TARGET}`,
    ]);
    expect(manual("make the image smaller, by its Dockerfile").at(-1)).toBe(
      "docker history --no-trunc todo-backend:try",
    );
    expect(manual("write a manifest").at(-1)).toBe(`kubectl apply --filename=FILE ${TARGET}`);
    expect(manual("how healthy is it?")).toContain(`kubectl get nodes ${TARGET}`);
  });
});

test.each([
  ["why?", ["kubectl-ai", "kagent"]],
  ["is it healthy?", ["kagent", "kubectl-ai"]],
  ["how much memory?", ["kagent", "kubectl-ai"]],
  ["scale it", ["kubectl-ai"]],
  ["make the Dockerfile smaller", []],
])("%j goes to %j, the best one first", (question, assistants) => {
  expect(guideTo(question, SCOPE, "dev").assistants).toEqual(assistants);
});
