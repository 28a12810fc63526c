/** The blueprints over every shape of the chart, and over a chart of somebody else. */
import { join } from "node:path";
import { type Exception, judge } from "../../blueprints/exceptions";
import { helmRules } from "../../blueprints/helm";
import { readChart } from "../../blueprints/helm/chart";
import { kubernetesRules } from "../../blueprints/kubernetes";
import { type KubernetesObject, Objects } from "../../blueprints/kubernetes/objects";
import { check, type Finding } from "../../blueprints/rule";
import { chartFindings } from "../../cli/verify/sources";
import { chart, render, renderings, repository, shapeFile } from "./support";

// Each rendering starts a process; a busy machine takes its time.
jest.setTimeout(120_000);

const ALWAYS = "9999-12-31";

/** What a chart by itself may do, and a release of this program never does. */
const BY_ITSELF: Exception[] = [
  {
    rule: "kubernetes/image-by-content",
    reason: "without a program that builds them, images have the application's version",
    until: ALWAYS,
  },
  {
    rule: "kubernetes/secrets-apart",
    reason: "FR-052: a chart that is installed by itself makes its own Secret",
    until: ALWAYS,
  },
];

/** What is accepted in some shapes only. */
const BY_SHAPE: Readonly<Record<string, Exception[]>> = {
  "ci/extras": [
    {
      rule: "kubernetes/config-by-reference",
      reason: "this shape adds variables, as a user may",
      until: ALWAYS,
    },
  ],
  ...Object.fromEntries(
    ["no values", "values-dev.yaml", "values-staging.yaml"].map((name) => [
      name,
      [
        {
          rule: "kubernetes/references-exist",
          reason: "secrets come with the install, and one without them is refused",
          until: ALWAYS,
        },
      ],
    ]),
  ),
};

async function findings(
  files: readonly string[],
  set?: Record<string, string>,
): Promise<Finding[]> {
  const objects = await render({ files, ...(set && { set }) });
  return check(kubernetesRules, new Objects(objects as unknown as KubernetesObject[]));
}

test("the chart itself keeps every rule", () => {
  expect(check(helmRules, readChart(chart, readVersion()))).toEqual([]);
});

it.each(renderings)("what is rendered with $name keeps every rule", async ({ name, files }) => {
  const exceptions = [...BY_ITSELF, ...(BY_SHAPE[name] ?? [])];
  const { mandatory, advisory } = judge(await findings(files), exceptions);
  expect([...mandatory, ...advisory].map(({ rule, object }) => `${rule.id} ${object}`)).toEqual([]);
});

it.each([
  ["kubernetes/image-tags", { "backend.image.tag": "latest" }],
  ["kubernetes/backend-inside", { "backend.service.type": "NodePort" }],
  [
    "kubernetes/read-only-root",
    { "global.containerSecurityContext.readOnlyRootFilesystem": "false" },
  ],
  [
    "kubernetes/no-secret-literals",
    {
      "backend.extraEnv[0].name": "MODELS_URL",
      "backend.extraEnv[0].value": "https://user:hunter2@models.example.com",
    },
  ],
  ["kubernetes/patient-liveness", { "backend.probes.liveness.periodSeconds": "1" }],
] as const)("%s stops values that the schema lets pass", async (id, set) => {
  const { mandatory } = judge(await findings([shapeFile("existing-secret")], set));
  expect(new Set(mandatory.map(({ rule }) => rule.id))).toEqual(new Set([id]));
});

test("somebody else's chart: its faults, each by the rule that is for it", async () => {
  const folder = join(repository, "tests/unit/cli/verify/foreign/chart");
  const env = {
    ...process.env,
    PATH: `${join(process.env.HELM_BIN ?? "", "..")}:${process.env.PATH}`,
  };
  const { mandatory } = judge(await chartFindings(folder, [], env));
  const ids = new Set(mandatory.map(({ rule }) => rule.id));
  expect([...ids]).toEqual(
    expect.arrayContaining([
      ...["helm/chart-version", "helm/chart-files", "helm/values-documented"],
      ...["helm/no-secret-values", "helm/default-tags", "helm/names-from-release"],
      ...["helm/repeatable-templates", "kubernetes/no-secret-literals", "kubernetes/image-tags"],
      ...["kubernetes/services-find-pods", "kubernetes/probe-ports", "kubernetes/probes"],
      ...["kubernetes/resources", "kubernetes/run-as-non-root", "kubernetes/seccomp-profile"],
      ...["kubernetes/capabilities", "kubernetes/no-privilege-escalation", "kubernetes/labels"],
      ...["kubernetes/read-only-root", "kubernetes/no-token", "kubernetes/rolling-update"],
    ]),
  );
  expect(JSON.stringify(mandatory)).not.toContain("hunter2");
});

function readVersion(): string {
  return (require("../../package.json") as { version: string }).version;
}
