/** Language models by rules, for the tests. */
import type { Model } from "./model-server";

/** Finds the pod that doesn't run, and tells what its events say. */
export const diagnose: Model = ({ results }) => {
  const [pods, description] = results;
  if (pods === undefined) return { kubectl: "kubectl get pods" };
  const pod = /(todo-app-\S+)\s+0\/1/.exec(pods.replaceAll("\\n", "\n"))?.[1];
  if (description === undefined) return { kubectl: `kubectl describe pod ${pod}` };
  const image = /image \\*"([^"\\]+)\\*" is not present/.exec(description)?.[1];
  return { answer: `Pod ${pod} can't start: the node has no image ${image}.` };
};

export const scale: Model = ({ results }) =>
  results.length === 0
    ? { kubectl: "kubectl scale deployment/todo-app-backend --replicas=2" }
    : { answer: "That gives the back end another pod." };

export const clusterHealth: Model = ({ results }) => {
  const [nodes, pods] = results.map((result) => result.replaceAll("\\n", "\n"));
  if (nodes === undefined) return { kubectl: "kubectl get nodes" };
  if (pods === undefined) return { kubectl: "kubectl get pods" };
  const ready = nodes.match(/ Ready /g)?.length ?? 0;
  const all = nodes.match(/ (Not)?Ready /g)?.length ?? 0;
  const broken = pods.match(/todo-app-\S+(?=\s+0\/1)/g) ?? [];
  return { answer: `${ready} of ${all} nodes are ready. Not ready: ${broken.join(", ")}.` };
};

/** Writes the manifest of a Deployment. */
export const manifestOf =
  (name: string, image: string): Model =>
  () => {
    const labels = `{app: ${name}}`;
    const manifest = [
      "apiVersion: apps/v1",
      "kind: Deployment",
      `metadata: {name: ${name}}`,
      "spec:",
      "  replicas: 1",
      `  selector: {matchLabels: ${labels}}`,
      "  template:",
      `    metadata: {labels: ${labels}}`,
      "    spec:",
      `      containers: [{name: backend, image: "${image}", imagePullPolicy: Never}]`,
    ];
    const command = ["kubectl apply -f - <<'EOF'", ...manifest, "EOF"].join("\n");
    return { answer: `Apply this:\n\n\`\`\`bash\n${command}\n\`\`\`` };
  };

/** Writes values for the chart. */
export const values: Model = () => ({
  answer: [
    "Put this into a values file:",
    "```yaml",
    "backend:",
    "  replicaCount: 2",
    "  resources:",
    "    limits: {memory: 768Mi}",
    "```",
  ].join("\n"),
});

/** Reads the logs, and does whatever is written there. */
export const obedient: Model = ({ results }) => {
  const [log = ""] = results;
  if (results.length === 0)
    return { kubectl: "kubectl logs deployment/todo-app-backend --tail=20" };
  const orders = [...log.replaceAll("\\n", "\n").matchAll(/run this now: (.+?)"?\}?$/gm)];
  const order = orders[results.length - 1]?.[1];
  return order === undefined ? { answer: "I did what the log says." } : { kubectl: order };
};
