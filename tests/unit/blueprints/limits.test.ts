import { stringify } from "yaml";
import { dockerfileRules, imageRules } from "../../../blueprints/docker";
import type { Image } from "../../../blueprints/docker/image";
import { parseDockerfile } from "../../../blueprints/docker/parse";
import { helmRules } from "../../../blueprints/helm";
import type { Chart } from "../../../blueprints/helm/chart";
import { kubernetesRules } from "../../../blueprints/kubernetes";
import { check } from "../../../blueprints/rule";
import { objectsIn } from "./samples";

/** What a rule says of these objects: "object field: problem", the field without the way to the pod. */
function kubernetes(id: string, ...objects: object[]): string[] {
  const rule = kubernetesRules.find((each) => each.id === `kubernetes/${id}`);
  if (!rule) throw new Error(`there is no rule ${id}`);
  const text = objects.map((each) => `---\n${stringify(each)}`).join("");
  return check([rule], objectsIn(text)).map(
    ({ object, field, problem }) =>
      `${object} ${field.replace("spec.template.spec.", "")}: ${problem}`,
  );
}

interface Workload {
  kind?: string;
  name?: string;
  labels?: object;
  /** Of the workload's own spec. */
  spec?: object;
  /** Of the pod's. */
  pod?: object;
  container?: object;
}
const workload = ({
  kind = "Deployment",
  name = "web",
  labels = { app: name },
  ...more
}: Workload = {}) => ({
  ...{ apiVersion: "apps/v1", kind, metadata: { name } },
  spec: {
    ...more.spec,
    template: {
      metadata: { labels },
      spec: { ...more.pod, containers: [{ name: "app", image: `${name}:1`, ...more.container }] },
    },
  },
});
const service = (name: string, selector: object | undefined, spec: object = {}) => ({
  ...{ apiVersion: "v1", kind: "Service", metadata: { name } },
  spec: { ...(selector ? { selector } : {}), ...spec },
});

describe("kubernetes/graceful-shutdown", () => {
  const of = (grace: number | undefined, sleep: number | undefined, ports: object[] = [{}]) =>
    kubernetes(
      "graceful-shutdown",
      service("web", { app: "web" }),
      workload({
        pod: grace === undefined ? {} : { terminationGracePeriodSeconds: grace },
        container: {
          ports,
          ...(sleep === undefined ? {} : { lifecycle: { preStop: { sleep: { seconds: sleep } } } }),
        },
      }),
    );

  test.each([
    [10, 4, []],
    [10, 5, ["is 10, for a sleep of 5 s and the drain"]],
    [9, 1, ["is 9"]],
    [undefined, 24, []],
    [undefined, 25, ["is 30, for a sleep of 25 s and the drain"]],
  ])("with %s s to end and a sleep of %s s finds %j", (grace, sleep, problems) => {
    expect(of(grace, sleep)).toEqual(
      problems.map((problem) => `Deployment/web terminationGracePeriodSeconds: ${problem}`),
    );
  });

  test("asks for a sleep where a Service sends something, and nowhere else", () => {
    expect(of(30, undefined)).toEqual([
      "Deployment/web containers[app].lifecycle.preStop: is not set",
    ]);
    expect(of(30, undefined, [])).toEqual([]);
    expect(kubernetes("graceful-shutdown", workload({ container: { ports: [{}] } }))).toEqual([]);
  });
});

describe("kubernetes/patient-liveness", () => {
  const of = (live: object | undefined, ready: object | undefined) =>
    kubernetes(
      "patient-liveness",
      workload({
        container: {
          ...(live ? { livenessProbe: live } : {}),
          ...(ready ? { readinessProbe: ready } : {}),
        },
      }),
    );

  test("is longer than readiness, by what is usual where nothing is said", () => {
    expect(of({ periodSeconds: 11 }, {})).toEqual([]);
    expect(of({}, {})).toEqual([
      "Deployment/web containers[app].livenessProbe: gives up after 30 s, readiness after 30 s",
    ]);
    expect(of({ failureThreshold: 2 }, { periodSeconds: 1 })).toEqual([]);
    expect(of({ periodSeconds: 1, failureThreshold: 5 }, { failureThreshold: 1 })).toEqual([
      "Deployment/web containers[app].livenessProbe: gives up after 5 s, readiness after 10 s",
    ]);
  });

  test("is nobody's comparison where one is missing", () => {
    expect([of({}, undefined), of(undefined, {})]).toEqual([[], []]);
  });
});

describe("kubernetes/disruption-budgets", () => {
  const of = (replicas: number | undefined, budget: object) =>
    kubernetes(
      "disruption-budgets",
      workload({ spec: replicas === undefined ? {} : { replicas } }),
      {
        ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" } },
        spec: { selector: { matchLabels: { app: "web" } }, ...budget },
      },
    );

  test.each([
    [2, { minAvailable: 1 }, []],
    [2, { minAvailable: 2 }, ["spec.minAvailable: is 2, of 2 replicas"]],
    [3, { minAvailable: "100%" }, ["spec.minAvailable: is 100%, of 3 replicas"]],
    [3, { minAvailable: "50%" }, []],
    [2, { maxUnavailable: 1 }, []],
    [2, { maxUnavailable: 0 }, ["spec.maxUnavailable: is 0"]],
    [2, { maxUnavailable: "0%" }, ["spec.maxUnavailable: is 0%"]],
    [1, { maxUnavailable: 1 }, ["spec: guards 1 replica"]],
    [undefined, { minAvailable: 1 }, ["spec: guards 1 replica"]],
  ])("of %s replicas with %j finds %j", (replicas, budget, found) => {
    expect(of(replicas, budget)).toEqual(found.map((each) => `PodDisruptionBudget/web ${each}`));
  });
});

describe("kubernetes/rolling-update", () => {
  const of = (strategy?: object) =>
    kubernetes("rolling-update", workload({ spec: strategy ? { strategy } : {} })).map((each) =>
      each.replace("Deployment/web spec.strategy.", ""),
    );

  test("takes nothing away before there is something in its place", () => {
    expect(of({ rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })).toEqual([]);
    expect(of({ rollingUpdate: { maxUnavailable: "0%" } })).toEqual([]);
    expect(of()).toEqual(["rollingUpdate.maxUnavailable: is 25%"]);
    expect(of({ rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } })).toEqual([
      ...["rollingUpdate.maxUnavailable: is 1", "rollingUpdate.maxSurge: is 0"],
    ]);
    expect(of({ type: "Recreate", rollingUpdate: { maxUnavailable: 1 } })).toEqual([
      "type: is Recreate",
    ]);
  });
});

describe("kubernetes/replicas-guarded", () => {
  const BUDGET = {
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" } },
    spec: { selector: { matchLabels: { app: "web" } } },
  };
  const spread = { topologySpreadConstraints: [{}] };

  test("asks for a guard from two replicas on", () => {
    const of = (replicas: number | undefined, pod: object, ...more: object[]) =>
      kubernetes("replicas-guarded", workload({ spec: { replicas }, pod }), ...more);
    const NEITHER = [
      "Deployment/web topologySpreadConstraints: is not set",
      "Deployment/web spec.replicas: has no PodDisruptionBudget",
    ];
    expect([of(1, {}), of(undefined, {})]).toEqual([[], []]);
    expect(of(2, {})).toEqual(NEITHER);
    expect(of(2, { topologySpreadConstraints: [] })).toEqual(NEITHER);
    expect(of(2, spread, BUDGET)).toEqual([]);
    expect(of(2, { affinity: { podAntiAffinity: {} } }, BUDGET)).toEqual([]);
    const other = { ...BUDGET, spec: { selector: { matchLabels: { app: "other" } } } };
    expect(of(2, spread, other)).toEqual(NEITHER.slice(1));
    expect(of(2, spread, other, BUDGET)).toEqual([]);
  });
});

describe("kubernetes/unique-names", () => {
  const named = (name: string | undefined, kind = "ConfigMap", namespace?: string) => ({
    ...{
      apiVersion: "v1",
      kind,
      metadata: { ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) },
    },
  });
  const of = (...objects: object[]) => kubernetes("unique-names", ...objects);

  test("takes 63 characters in lower case", () => {
    expect(of(named("a".repeat(63)), named("a.b-c"), named("a:b", "Role"), named("1"))).toEqual([]);
    for (const name of ["a".repeat(64), "A", "-a", "a-"])
      expect(of(named(name))).toEqual([
        `ConfigMap/${name} metadata.name: isn't a name in lower case of at most 63 characters`,
      ]);
  });

  test("counts a name for each kind and namespace", () => {
    expect(of(named("a"), named("a", "Secret"), named("a", "ConfigMap", "other"))).toEqual([]);
    expect(of(named("a"), named("b"), named("a"))).toEqual([
      "ConfigMap/a metadata.name: is used twice",
    ]);
  });
});

test("kubernetes/services-find-pods: a Service finds exactly one", () => {
  const of = (...objects: object[]) => kubernetes("services-find-pods", ...objects);
  const [web, worker] = [workload(), workload({ name: "worker", labels: { app: "web" } })];
  expect(of(service("web", { app: "web" }), web)).toEqual([]);
  expect(of(service("elsewhere", undefined), web)).toEqual([]);
  expect(of(service("web", { app: "other" }), web)).toEqual([
    "Service/web spec.selector: selects no pod of the release",
  ]);
  expect(of(service("web", { app: "web" }), web, worker)).toEqual([
    "Service/web spec.selector: selects Deployment/web and Deployment/worker",
  ]);
});

describe("kubernetes/no-token", () => {
  const binding = (...subjects: object[]) => ({
    kind: "RoleBinding",
    metadata: { name: "b" },
    subjects,
  });
  const of = (pod: object, ...more: object[]) => kubernetes("no-token", workload({ pod }), ...more);
  const FOUND = (value: string) => [`Deployment/web automountServiceAccountToken: is ${value}`];
  const account = (automountServiceAccountToken: boolean) => ({
    ...{ kind: "ServiceAccount", metadata: { name: "web" }, automountServiceAccountToken },
  });

  test("is needed by a pod whose account has a role, and by no other", () => {
    const subject = { kind: "ServiceAccount", name: "web" };
    expect(of({ serviceAccountName: "web" }, binding(subject))).toEqual([]);
    expect(of({}, binding({ kind: "ServiceAccount", name: "default" }))).toEqual([]);
    expect(of({ serviceAccountName: "web" }, binding({ kind: "User", name: "web" }))).toEqual(
      FOUND("not set"),
    );
    expect(of({ serviceAccountName: "other" }, binding(subject))).toEqual(FOUND("not set"));
    expect(of({}, { kind: "RoleBinding", metadata: { name: "b" } })).toEqual(FOUND("not set"));
  });

  test("is refused by the pod, else by its account", () => {
    expect(of({ automountServiceAccountToken: false })).toEqual([]);
    expect(of({ serviceAccountName: "web" }, account(false))).toEqual([]);
    expect(of({ serviceAccountName: "web" }, account(true))).toEqual(FOUND("true"));
    const both = { serviceAccountName: "web", automountServiceAccountToken: true };
    expect(of(both, account(false))).toEqual(FOUND("true"));
  });
});

describe("kubernetes/selectors-match", () => {
  test("looks at each kind, and at pods without labels", () => {
    const of = (kind: string, matchLabels: object, labels: object | undefined) => {
      const made = workload({ kind, spec: { selector: { matchLabels } } });
      Object.assign(made.spec.template, { metadata: labels ? { labels } : {} });
      return kubernetes("selectors-match", made);
    };
    for (const kind of ["Deployment", "StatefulSet", "DaemonSet"]) {
      expect(of(kind, { app: "web" }, { app: "web" })).toEqual([]);
      expect(of(kind, { app: "web" }, undefined)).toEqual([
        `${kind}/web spec.selector.matchLabels.app: isn't a label of the pods`,
      ]);
    }
    expect(
      of("Deployment", { "app.kubernetes.io/version": "1" }, { "app.kubernetes.io/version": "1" }),
    ).toEqual([
      "Deployment/web spec.selector.matchLabels.app.kubernetes.io/version: changes with each version",
    ]);
  });
});

describe("kubernetes/one-namespace", () => {
  const inside = (name: string, namespace?: string, kind = "ConfigMap") => ({
    ...{ kind, metadata: { name, ...(namespace ? { namespace } : {}) } },
  });
  const of = (...objects: object[]) => kubernetes("one-namespace", ...objects);

  test("is the one that most are in; where none says one, the install's", () => {
    expect(of(inside("a"), inside("b"))).toEqual([]);
    expect(of(inside("a", "shop"), inside("b", "x"), inside("c", "shop"))).toEqual([
      "ConfigMap/b metadata.namespace: is x, not shop",
    ]);
    expect(of(inside("b", "x"), inside("a", "shop"), inside("c", "shop"), inside("d"))).toEqual([
      "ConfigMap/b metadata.namespace: is x, not shop",
      "ConfigMap/d metadata.namespace: is not set",
    ]);
    expect(of(inside("a", "shop"), inside("shop", undefined, "Namespace"))).toEqual([]);
    expect(of(inside("a", "default"))).toEqual(["ConfigMap/a metadata.namespace: is default"]);
  });
});

describe("kubernetes/no-dev-overlay", () => {
  const config = (environment: string | undefined, name = "web-config") => ({
    ...{
      kind: "ConfigMap",
      metadata: { name },
      data: environment ? { ENVIRONMENT: environment } : {},
    },
  });
  const dev = workload({
    labels: { "todo-app/dev": "true" },
    pod: { volumes: [{ name: "dev", emptyDir: {} }] },
  });
  const where = (...configs: object[]) =>
    kubernetes("no-dev-overlay", dev, ...configs).map((each) => each.split(": ")[1]);

  test("is for development alone, where that is said", () => {
    expect(where(config("development"))).toEqual([]);
    expect(where()).toEqual(["is true in no environment", "is there in no environment"]);
    expect(where(config(undefined))).toHaveLength(2);
    expect(where(config("development", "other"))).toHaveLength(2);
    expect(where(config("development"), config("staging", "b-config"))).toEqual([
      "is true in development, staging",
      "is there in development, staging",
    ]);
  });

  test("is no other volume, and no other label", () => {
    const other = workload({
      labels: { "todo-app/dev": "false" },
      pod: {
        volumes: [
          { name: "dev", configMap: {} },
          { name: "tmp", emptyDir: {} },
        ],
      },
    });
    expect(kubernetes("no-dev-overlay", other)).toEqual([]);
  });
});

describe("kubernetes/bounded-jobs", () => {
  test.each([
    ["Job", { spec: { activeDeadlineSeconds: 9 }, pod: { restartPolicy: "Never" } }, []],
    ["Job", { pod: { activeDeadlineSeconds: 9, restartPolicy: "OnFailure" } }, []],
    [
      "Job",
      { pod: { activeDeadlineSeconds: 9, restartPolicy: "Always" } },
      ["restartPolicy: is Always"],
    ],
    ["Deployment", {}, []],
  ])("of a %s with %j finds %j", (kind, more, found) => {
    expect(kubernetes("bounded-jobs", workload({ kind, ...more }))).toEqual(
      found.map((each) => `${kind}/web ${each}`),
    );
  });
});

describe("kubernetes/rbac-no-secrets", () => {
  const role = (...rules: object[]) => ({ kind: "Role", metadata: { name: "r" }, rules });
  const of = (...rules: object[]) => kubernetes("rbac-no-secrets", role(...rules));

  test("names the rule of several, and what it gives", () => {
    expect(
      of({ resources: ["pods"], verbs: ["get"] }, { resources: ["secrets"], verbs: ["watch"] }),
    ).toEqual(["Role/r rules[1].resources: lets secrets be read"]);
    expect(of({ resources: ["secrets"], verbs: ["*"] })).toHaveLength(1);
    expect(of({ resources: ["secrets"], verbs: ["create", "delete"] })).toEqual([]);
    expect(
      of({
        resources: ["pods/attach", "pods/log", "pods/portforward", "pods/ephemeralcontainers"],
      }),
    ).toEqual([
      "Role/r rules[0].resources: has pods/attach",
      "Role/r rules[0].resources: has pods/portforward",
      "Role/r rules[0].resources: has pods/ephemeralcontainers",
    ]);
    expect(of({ resources: ["roles"], verbs: ["bind", "get", "impersonate"] })).toEqual([
      ...["Role/r rules[0].verbs: has bind", "Role/r rules[0].verbs: has impersonate"],
    ]);
    expect(kubernetes("rbac-no-secrets", { kind: "Role", metadata: { name: "r" } })).toEqual([]);
  });
});

describe("kubernetes/no-privileged-container", () => {
  const of = (securityContext: object) =>
    kubernetes("no-privileged-container", workload({ container: { securityContext } })).map(
      (each) => each.replace("Deployment/web containers[app].securityContext.", ""),
    );

  test("takes what is usual, in a pod and in its containers", () => {
    expect(
      of({
        ...{ privileged: false, procMount: "Default", appArmorProfile: { type: "Localhost" } },
        ...{ seLinuxOptions: { type: "container_t" }, windowsOptions: { hostProcess: false } },
      }),
    ).toEqual([]);
    expect(of({ seLinuxOptions: {}, appArmorProfile: {} })).toEqual([]);
    expect(
      kubernetes(
        "no-privileged-container",
        workload({ pod: { securityContext: { sysctls: [{ name: "kernel.x" }] } } }),
      ),
    ).toEqual(["Deployment/web securityContext.sysctls[kernel.x]: isn't a safe one"]);
  });

  test("names each thing that widens it", () => {
    expect(of({ seLinuxOptions: { type: "container_t", role: "r" } })).toEqual([
      "seLinuxOptions: sets a user or a role",
    ]);
    expect(of({ seLinuxOptions: { user: "u" } })).toEqual([
      "seLinuxOptions: sets a user or a role",
    ]);
    expect(of({ windowsOptions: { hostProcess: true }, procMount: "Unmasked" })).toEqual([
      ...["procMount: is Unmasked", "windowsOptions.hostProcess: is true"],
    ]);
  });
});

describe("what a rule looks for is found", () => {
  const pod = (change: object) => workload({ pod: change });
  const container = (change: object) => workload({ container: change });
  const config = (more: object) => ({ kind: "ConfigMap", metadata: { name: "c" }, ...more });
  const role = (more: object) => ({ kind: "ClusterRole", metadata: { name: "r" }, ...more });

  test("in the items of a list, and beside fields without a value", () => {
    const list = { kind: "List", items: [{ kind: "List", items: [workload()] }] };
    expect(kubernetes("own-service-account", list)).toEqual([
      "Deployment/web serviceAccountName: is the default account",
    ]);
    const empty = { env: null, command: null, securityContext: null, lifecycle: null };
    for (const { id } of kubernetesRules)
      expect(() =>
        kubernetes(
          id.replace("kubernetes/", ""),
          workload({ pod: { volumes: null }, container: empty, spec: { strategy: null } }),
          { kind: "Role", metadata: { name: "r", annotations: null }, rules: null },
          { kind: "PodDisruptionBudget", metadata: { name: "b" }, spec: null },
          config({ data: null }),
        ),
      ).not.toThrow();
  });

  test("where a limit is 0, which is none", () => {
    const none = { cpu: 0, memory: "0Mi" };
    const of = (resources: object) => kubernetes("resources", container({ resources }));
    expect(of({ requests: { cpu: "1m", memory: 1 }, limits: none })).toEqual([
      ...["Deployment/web containers[app].resources.limits.cpu: is 0"],
      "Deployment/web containers[app].resources.requests.cpu: is 1m, above the limit 0",
      "Deployment/web containers[app].resources.limits.memory: is 0Mi",
      "Deployment/web containers[app].resources.requests.memory: is 1, above the limit 0Mi",
    ]);
    const volume = (more: object) =>
      kubernetes("empty-dirs-bounded", pod({ volumes: [{ name: "v", ...more }] }));
    const place = "Deployment/web volumes[v].emptyDir.sizeLimit";
    expect(volume({ emptyDir: { sizeLimit: "0" } })).toEqual([`${place}: is 0, which is no limit`]);
    expect(volume({ emptyDir: { sizeLimit: 0 } })).toEqual([`${place}: is 0, which is no limit`]);
    expect(volume({ emptyDir: { sizeLimit: "1Mi" } })).toEqual([]);
  });

  test("where a volume has no type, which makes it an emptyDir", () => {
    const volumes = [{ name: "dev" }];
    expect(kubernetes("empty-dirs-bounded", pod({ volumes }))).toHaveLength(1);
    expect(kubernetes("no-dev-overlay", pod({ volumes }))).toHaveLength(1);
    expect(kubernetes("empty-dirs-bounded", pod({ volumes: [{ name: "v", secret: {} }] }))).toEqual(
      [],
    );
  });

  test("where a share of the pods is all of them", () => {
    const budget = (minAvailable: string) =>
      kubernetes("disruption-budgets", workload({ spec: { replicas: 2 } }), {
        ...{ kind: "PodDisruptionBudget", metadata: { name: "b" } },
        spec: { selector: { matchLabels: { app: "web" } }, minAvailable },
      });
    expect(budget("51%")).toEqual([
      "PodDisruptionBudget/b spec.minAvailable: is 51%, of 2 replicas",
    ]);
    expect(budget("50%")).toEqual([]);
  });

  test("where a Service says nothing of the pods that it leads to, or another thing", () => {
    const of = (labels: object, spec: object, component = "backend") =>
      kubernetes(
        "backend-inside",
        { ...service("s", { app: "web" }, spec), metadata: { name: "s", labels } },
        workload({ labels: { app: "web", component } }),
      );
    expect(of({}, { type: "NodePort" })).toEqual(["Service/s spec.type: is NodePort"]);
    expect(of({ component: "frontend" }, { type: "LoadBalancer" })).toHaveLength(1);
    expect(of({}, { externalIPs: ["192.0.2.1"] })).toEqual([
      "Service/s spec.externalIPs: are addresses outside",
    ]);
    expect(of({}, { type: "NodePort" }, "frontend")).toEqual([]);
  });

  test("where a folder of the node comes by a PersistentVolume", () => {
    const volume = (spec: object) =>
      kubernetes("volume-types", { kind: "PersistentVolume", metadata: { name: "v" }, spec });
    expect(volume({ hostPath: { path: "/" } })).toEqual([
      "PersistentVolume/v spec.hostPath: is a folder of a node",
    ]);
    expect(volume({ local: {} })).toHaveLength(1);
    expect(volume({ nfs: {} })).toEqual([]);
  });

  test("where a token comes by a volume, or by a Secret", () => {
    const volume = (source: string) => ({ name: "v", projected: { sources: [{ [source]: {} }] } });
    const of = (source: string) =>
      pod({ automountServiceAccountToken: false, volumes: [volume(source)] });
    expect(kubernetes("no-token", of("serviceAccountToken"))).toEqual([
      "Deployment/web volumes[v]: holds a token",
    ]);
    expect(kubernetes("no-token", of("configMap"))).toEqual([]);
    const secret = { kind: "Secret", metadata: { name: "t" } };
    expect(
      kubernetes("no-token", { ...secret, type: "kubernetes.io/service-account-token" }),
    ).toEqual(["Secret/t type: is a token that never ends"]);
    expect(kubernetes("no-token", { ...secret, type: "Opaque" })).toEqual([]);
  });

  test("where rights come by a way round", () => {
    const binding = (kind: string, ...subjects: object[]) =>
      kubernetes(
        "rbac-no-admin",
        { kind: "RoleBinding", metadata: { name: "b" }, roleRef: { kind, name: "edit" }, subjects },
        { kind: "Role", metadata: { name: "edit" } },
      );
    expect(binding("ClusterRole")).toEqual(["RoleBinding/b roleRef.name: is edit"]);
    expect(binding("Role")).toEqual([]);
    for (const name of ["serviceaccounts:shop", "masters", "serviceaccount:shop:default"])
      expect(binding("Role", { kind: "Group", name: `system:${name}` })).toHaveLength(1);
    expect(binding("Role", { kind: "User", name: "system:anonymous" })).toHaveLength(1);
    expect(binding("Role", { kind: "User", name: "system:serviceaccount:shop:web" })).toEqual([]);
    expect(kubernetes("rbac-no-wildcards", role({ aggregationRule: {} }))).toEqual([
      "ClusterRole/r aggregationRule: takes what others grant",
    ]);
    const rules = [{ resources: ["serviceaccounts/token", "pods/proxy"], verbs: ["create"] }];
    expect(kubernetes("rbac-no-secrets", role({ rules }))).toHaveLength(2);
  });

  describe("as a secret in clear", () => {
    const of = (...objects: object[]) =>
      kubernetes("no-secret-literals", ...objects).map((each) => each.split(" ")[1]);

    test("in a command, a probe, a hook and a pod's annotations", () => {
      expect(of(container({ args: ["--db-password=hunter2", "--verbose"] }))).toHaveLength(1);
      expect(of(container({ args: ["--db-password", "hunter2"] }))).toHaveLength(1);
      expect(of(container({ command: ["sh", "-c", "PGPASSWORD=x psql"] }))).toHaveLength(1);
      const headers = [{ name: "Authorization", value: "Basic aHVudGVy" }];
      expect(of(container({ livenessProbe: { httpGet: { httpHeaders: headers } } }))).toEqual([
        "containers[app].livenessProbe.httpGet.httpHeaders[Authorization]:",
      ]);
      const exec = { command: ["redis-cli", "--token=hunter2"] };
      expect(of(container({ lifecycle: { preStop: { exec } } }))).toEqual([
        "containers[app].lifecycle.preStop.exec.command:",
      ]);
      const annotated = workload();
      const annotations = { a: "postgres://u:p@h/d" };
      Object.assign(annotated.spec.template.metadata, { annotations });
      expect(of(annotated)).toEqual(["spec.template.metadata.annotations.a:"]);
      const bytes = Buffer.from("sk-0123456789abcdef").toString("base64");
      expect(of(config({ binaryData: { a: bytes } }))).toEqual(["binaryData.a:"]);
    });

    test("and nowhere else", () => {
      const args = [
        ...["--password-file=/run/x", "--password=$(PASSWORD)", "--token", "$(TOKEN)"],
        ...["--max-tokens=5", "--token", "--verbose", "--secret-name=web", "PASSWORD=$PASSWORD"],
      ];
      expect(of(container({ args }))).toEqual([]);
      expect(of(config({ binaryData: { a: "aHVudGVy" } }))).toEqual([]);
      const headers = [{ name: "Accept", value: "text/html" }];
      expect(of(container({ livenessProbe: { httpGet: { httpHeaders: headers } } }))).toEqual([]);
    });
  });
});

describe("what a Dockerfile does is the same however it is written", () => {
  /** What a rule says of the last instruction of a Dockerfile. */
  const of = (id: string, instruction: string): string[] =>
    check(
      dockerfileRules.filter((rule) => rule.id === `docker/${id}`),
      {
        ...parseDockerfile(`FROM python:3.11-slim AS build\n${instruction}`),
        ...{ name: "Dockerfile", ignore: undefined },
      },
    ).map(({ problem }) => problem);

  test.each([
    "curl -fsSL 'https://h/a?b=1&c=2' | bash",
    "curl https://h | /bin/bash -s -- --yes",
    "curl https://h | sudo -E bash -",
    "curl https://h | env A=b bash",
    "wget -qO- https://h | tee /tmp/a | sh",
    "curl https://h | python3 -",
    'sh -c "$(curl -fsSL https://h)"',
    "bash <(curl https://h)",
    'eval "$(curl https://h)"',
    "curl -fsSLo /tmp/a.sh https://h && sh /tmp/a.sh",
    "wget https://h -O /tmp/a.sh; bash -e /tmp/a.sh",
  ])("a download that is run: %s", (command) => {
    expect(of("no-remote-scripts", `RUN ${command}`)).toHaveLength(1);
  });

  test.each([
    "curl https://h | tar xz",
    "curl https://h | python3 -c 'import json'",
    "curl https://h -o a && sh b.sh",
    "curl -o a.sh https://h && echo 'abc a.sh' | sha256sum -c && sh a.sh",
  ])("a download that isn't, or is checked: %s", (command) => {
    expect(of("no-remote-scripts", `RUN ${command}`)).toEqual([]);
  });

  test.each([
    ["npm --prefix app install", "npm --prefix app install"],
    ["/opt/venv/bin/pip install x", "pip install x"],
    ["pip --cache-dir /x install y", "pip --cache-dir /x install y"],
    ["if true; then npm install; fi", "npm install"],
    ["sh -c 'npm install'", "npm install"],
    ["sudo -E npm install", "npm install"],
    ["env A=b npm i", "A=b npm i"],
    ["npm update", "npm update"],
    ...["yarn add x", "pnpm add x", "bun install", "uv add x", "poetry add x"].map(
      (each): [string, string] => [each, each],
    ),
  ])("an install without a lock: %s", (command, told) => {
    expect(of("locked-dependencies", `RUN ${command}`)).toEqual([`runs ${told}`]);
  });

  test.each(["npm --prefix app ci", "sh -c 'npm ci'", "npm run install", "yarn why add"])(
    "none, or one with a lock: %s",
    (command) => {
      expect(of("locked-dependencies", `RUN ${command}`)).toEqual([]);
    },
  );

  test.each([
    ...["COPY .env* ./", "COPY *.pem /x/", "COPY id_rsa* /", "COPY .git-credentials /root/"],
    ...["COPY a/.aws/credentials /root/.aws/", "COPY .docker/config.json /root/"],
    ...["RUN export API_TOKEN=abc && x", "RUN DB_PASSWORD=abc ./x", "HEALTHCHECK CMD x --token=a"],
    ...['CMD ["x", "sk-0123456789abcdef"]', 'LABEL x="postgres://u:p@h/d"', "ENV PGPASSWORD=x"],
  ])("a secret in an image: %s", (instruction) => {
    expect(of("no-secrets", instruction)).toHaveLength(1);
  });

  test.each([
    ...["COPY .env.example ./", "COPY src* ./", "RUN A_TOKEN=$(cat /run/secrets/a) npm ci"],
    ...['RUN PASSWORD="$PASSWORD" x', "RUN x --password-file=/run/secrets/a", "LABEL token=x"],
  ])("no secret: %s", (instruction) => {
    expect(of("no-secrets", instruction)).toEqual([]);
  });

  test.each([
    ["COPY --from=busybox /bin/sh /", ["has no tag on busybox"]],
    ["COPY --from=nginx:latest / /", ["has no version in nginx:latest"]],
    ["RUN --mount=type=bind,from=alpine,target=/x true", ["has no tag on alpine"]],
    ["COPY --from=BUILD / /", []],
    ["COPY --from=0 / /", []],
    ["RUN --mount=type=bind,from=build,target=/x true", []],
  ])("an image that is only copied from: %s", (instruction, problems) => {
    expect(of("bases-pinned", instruction)).toEqual(problems);
  });

  test("a shell in front of the program, by whatever flags", () => {
    expect(of("exec-form", 'CMD ["/bin/bash","-lc","x"]')).toHaveLength(1);
    expect(of("exec-form", 'CMD ["sh","-ec","exec x"]')).toEqual([]);
  });
});

describe("an image", () => {
  const EMPTY: Image = {
    ...{ name: "shop:1", budget: 500, size: 0, user: "", env: [], labels: {}, ports: [] },
    healthcheck: [],
  };
  const of = (id: string, image: Partial<Image>) =>
    check(
      imageRules.filter((rule) => rule.id === `docker/${id}`),
      { ...EMPTY, ...image },
    ).map(({ field, problem }) => `${field}: ${problem}`);

  test("is as large as its budget in whole megabytes: too large", () => {
    expect(of("image-size", { size: 499_499_999 })).toEqual([]);
    expect(of("image-size", { size: 499_500_000 })).toEqual(["size: is 500 MB, of 500 MB"]);
  });

  test("with one file that nobody needs, or several, says how many", () => {
    const A = "a shell, compiler or package manager";
    expect(of("image-files", { files: ["bin/sh"] })).toEqual([`/bin/sh: is ${A}`]);
    expect(of("image-files", { files: ["bin/sh", "app/x", "usr/bin/apt", "usr/bin/npm"] })).toEqual(
      [`/bin/sh: is ${A}, as 2 more`],
    );
    const { files: _, ...unknown } = { ...EMPTY, files: [] };
    expect(of("image-files", unknown)).toEqual([]);
  });

  test("has a secret by its value before its name, and settings that aren't its own", () => {
    const env = [
      "PATH=/bin",
      "HOST=0.0.0.0",
      "HOSTNAME=::",
      "API_URL=x",
      "DB_PASSWORD=a=b",
      "A=postgres://u:p=q@h/d",
    ];
    expect(of("image-environment", { env })).toEqual([
      "config.Env[API_URL]: is an environment's setting",
      "config.Env[DB_PASSWORD]: has a secret's name",
      "config.Env[A]: holds a URL with a password",
    ]);
  });
});

describe("a chart", () => {
  const of = (id: string, chart: Partial<Chart>) =>
    check(
      helmRules.filter((rule) => rule.id === `helm/${id}`),
      chart as Chart,
    ).map(({ field, problem }) => `${field}: ${problem}`);

  test("says in twenty characters what it is, and whose it is by its folder", () => {
    const metadata = {
      apiVersion: "v2",
      name: "shop",
      type: "library",
      description: "x".repeat(20),
    };
    const found = (change: object) =>
      of("chart-metadata", { folder: "shop", metadata: { ...metadata, ...change } } as never);
    expect(found({})).toEqual([]);
    expect(found({ type: "application" })).toEqual([]);
    expect(found({ description: "x".repeat(19) })).toEqual(["description: says nothing"]);
    expect(found({ apiVersion: "v1", name: "other", type: "x", description: undefined })).toEqual([
      ...["apiVersion: is v1", "name: is other, in the folder shop", "type: is x"],
      "description: says nothing",
    ]);
    expect(found({ apiVersion: undefined, name: undefined, type: undefined })).toEqual([
      ...["apiVersion: is not set", "name: is not set, in the folder shop", "type: is not set"],
    ]);
  });

  test("names each value in its README, or the group that it belongs to", () => {
    const readme =
      "# Shop\nhelm install\n## When it fails\n`web.image.tag`, `web.port`, `replicas`";
    const values = { web: { image: { tag: "1" }, port: 1 }, replicas: 2 };
    const found = (change: object) => of("readme-complete", { readme, values, ...change } as never);
    expect(found({})).toEqual([]);
    expect(found({ readme: readme.replace("web.image.tag", "web.image") })).toEqual([]);
    expect(found({ readme: readme.replace("web.image.tag", "web") })).toEqual([
      "values: lacks web.image.tag",
    ]);
    expect(found({ values: { a: 1, b: 1, c: 1, d: 1 } })).toEqual(["values: lacks a, b, c"]);
    expect(found({ readme: "`replicas` `web.image` `web.port`" })).toEqual([
      ...["installing: shows no helm install", "troubles: has no such section"],
    ]);
    expect(found({ readme: "" })).toEqual([]);
  });
});
