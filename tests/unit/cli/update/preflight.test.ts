import type { Cluster } from "../../../../cli/session/cluster";
import { requireCluster } from "../../../../cli/update/preflight";
import { readSettings } from "../../../../components/settings/settings";
import { takeSnapshot } from "../../../../ops/health/snapshot";

const SILENT = { code: 124, stdout: "", stderr: "" };

describe("a cluster that says nothing, not even why", () => {
  it("is told as one that took too long", async () => {
    const cluster = { answers: async () => false, try: async () => SILENT } as unknown as Cluster;
    await expect(requireCluster(readSettings({}, "dev", []), cluster)).rejects.toMatchObject({
      why: "it doesn't say within its time that it is ready",
    });
  });

  it("is so in the report of a stack's health", async () => {
    const scope = { namespace: "todo-app", release: "todo-app", kubeContext: "minikube" };
    await expect(takeSnapshot(scope, async () => SILENT)).rejects.toMatchObject({
      why: "the cluster took too long",
    });
  });
});
