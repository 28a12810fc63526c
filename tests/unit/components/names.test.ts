import { forCluster, forStack } from "../../../components/names";

describe("what people are told to run", () => {
  test.each([
    ["npm run up", "npm run up -- --stack staging"],
    [
      "npm run preview -- --refresh, then npm run up",
      "npm run preview -- --stack staging --refresh, then npm run up -- --stack staging",
    ],
    [
      "npm run status -- --stack staging; npm run doctor",
      "npm run status -- --stack staging; npm run doctor -- --stack staging",
    ],
    ["npm run up -- --plan FILE --stack staging", "npm run up -- --plan FILE --stack staging"],
    ["npm run destroy -- --everything", "npm run destroy -- --everything"],
    ["npm run updates", "npm run updates"],
  ])("is said for their stack: %s", (text, expected) => {
    expect(forStack(text, "staging")).toBe(expected);
    expect(forStack(text, "dev")).toBe(text);
  });

  test.each([
    [
      "npm run up, or kubectl scale deployment/a --replicas=1",
      "npm run up, or kubectl --context far --namespace shop scale deployment/a --replicas=1",
    ],
    [
      "wait (kubectl rollout status), or kubectl uncordon a",
      "wait (kubectl --context far --namespace shop rollout status), or kubectl --context far --namespace shop uncordon a",
    ],
    ["kubectl is missing", "kubectl is missing"],
    ["kubectl --context near logs a", "kubectl --context near logs a"],
  ])("is said for its cluster, whatever the current context: %s", (text, expected) => {
    expect(forCluster(text, { kubeContext: "far", namespace: "shop" })).toBe(expected);
  });
});
