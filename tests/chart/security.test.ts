import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../../common/run";
import {
  containers,
  findExecutable,
  pods,
  render,
  renderings,
  shapeFile,
  template,
} from "./support";

// Each rendering starts a process; a busy machine takes its time.
jest.setTimeout(120_000);

/** Volume types that Pod Security "restricted" allows. */
const ALLOWED_VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

describe.each(renderings)("$name", ({ files }) => {
  it("has pods as Pod Security restricted asks, test and init containers included", async () => {
    const all = pods(await render({ files }));
    expect(all).toHaveLength(4);
    for (const { spec } of all) {
      const host = spec as unknown as Record<string, unknown>;
      expect([host.hostNetwork, host.hostPID, host.hostIPC]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const volume of spec.volumes ?? []) {
        const types = Object.keys(volume).filter((key) => key !== "name");
        expect(types.filter((type) => !ALLOWED_VOLUMES.has(type))).toEqual([]);
      }
      for (const container of containers(spec)) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.terminationMessagePolicy).toBe("FallbackToLogsOnError");
        // A read-only root needs somewhere to write, and that has a bound.
        expect(container.volumeMounts?.map((mount) => mount.mountPath)).toContain("/tmp");
      }
      for (const volume of spec.volumes ?? []) {
        if (volume.emptyDir) expect(volume.emptyDir).toHaveProperty("sizeLimit");
      }
    }
  });
});

it("SC-012: with an existing Secret, nothing that is rendered carries a secret or makes one", async () => {
  const result = await template({ files: [shapeFile("existing-secret")] });
  expect(result.code).toBe(0);
  expect(result.stdout).not.toMatch(/kind: Secret\b|postgresql:\/\/|sk-/);
  const literal = pods(await render({ files: [shapeFile("existing-secret")] }))
    .flatMap(({ spec }) => containers(spec))
    .flatMap((container) => container.env)
    .filter((variable) => variable.value !== undefined);
  expect(literal.map((variable) => variable.name).sort()).toEqual([
    "BACKEND_HEALTH_PATH",
    "BACKEND_HEALTH_PATH",
    "BACKEND_READY_PATH",
    "BACKEND_READY_PATH",
    "FRONTEND_HEALTH_PATH",
    "FRONTEND_HEALTH_PATH",
  ]);
});

/** Findings of kube-score that the chart accepts, each for a reason; any other one fails. */
const ACCEPTED: Record<string, string> = {
  "container-image-pull-policy": "FR-032 asks for IfNotPresent: images are loaded into the node",
  "container-security-context-user-group-id": "FR-003 asks for UID 1000; kube-score wants 10000 up",
  "container-ephemeral-storage-request-and-limit":
    "the root file system is read-only and every emptyDir has a sizeLimit",
  "pod-networkpolicy": "network policies are a non-goal of the specification",
  "pod-probes-identical":
    "the front end keeps no connection of its own: alive is ready; it leaves after 1 failure and restarts after 3",
};

/** Findings that are accepted for some renderings only. */
const ACCEPTED_BY_SHAPE: Record<string, string> = {
  "deployment-replicas": "FR-016 and FR-017 ask for 1 replica by default",
  "deployment-has-poddisruptionbudget": "with 1 replica a budget would block every drain",
  "service-type": "a node port is what these values ask for",
  "deployment-has-host-podantiaffinity": "topology spread does this job",
};

const kubeScore = findExecutable("KUBE_SCORE_BIN", "kube-score");
describe("kube-score", () => {
  it.each(renderings)("finds nothing unexplained in $name", async ({ files, name }) => {
    const folder = mkdtempSync(join(tmpdir(), "kube-score-"));
    try {
      const manifests = join(folder, "manifests.yaml");
      writeFileSync(manifests, (await template({ files })).stdout);
      if (!kubeScore) throw new Error("kube-score is not on PATH, and KUBE_SCORE_BIN is not set");
      const result = await tryRun(kubeScore, [
        "score",
        "--kubernetes-version",
        "v1.34",
        "--enable-optional-test",
        "container-seccomp-profile",
        "--output-format",
        "json",
        manifests,
      ]);
      const scored = JSON.parse(result.stdout) as ScoredObject[];
      expect(scored.length).toBeGreaterThanOrEqual(6);
      const replicated = name === "ci/replicas" || name === "values-staging.yaml";
      const shapeBound = Object.keys(ACCEPTED_BY_SHAPE).filter(
        (check) => !(replicated && /replicas|disruption/.test(check)),
      );
      const unexplained = scored.flatMap((item) =>
        item.checks
          .filter((check) => !check.skipped && check.grade < GRADE_ALMOST_OK)
          .filter((check) => !(check.check.id in ACCEPTED) && !shapeBound.includes(check.check.id))
          .map((check) => `${item.object_name}: ${check.check.id}`),
      );
      expect(unexplained).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** kube-score's grades: 1 critical, 5 warning, 7 almost OK, 10 OK. */
const GRADE_ALMOST_OK = 7;

interface ScoredObject {
  object_name: string;
  checks: { check: { id: string }; grade: number; skipped: boolean }[];
}
