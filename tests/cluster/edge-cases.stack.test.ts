/** The edge cases of the specification on the deployed stack: what one sees, and what puts it right. */
import { run, tryRun } from "../../common/run";
import { newUser } from "./support/client";
import { figure, timed } from "./support/figures";
import { Ledger } from "./support/ledger";
import { eventually, type Pod } from "./support/namespace";
import {
  baseUrl,
  configure,
  edit,
  kubectl,
  namespace,
  npm,
  npmOk,
  onNode,
  output,
} from "./support/stack";

jest.setTimeout(6 * 60_000);

const BACKEND = "todo-app-backend";
const FRONTEND = "todo-app-frontend";

let ledger: Ledger;

/** ID of an image on the node; undefined where the node hasn't got it. */
async function idOnNode(image: string): Promise<string | undefined> {
  const { images } = JSON.parse((await onNode("crictl", "images", "--output", "json")).stdout) as {
    images: { id: string; repoTags: string[] | null }[];
  };
  return images.find(({ repoTags }) => repoTags?.includes(`docker.io/library/${image}`))?.id;
}

beforeAll(async () => {
  ledger = await Ledger.start(baseUrl, "during the edge cases");
});
afterAll(() => ledger.stop());

test("a back end over its memory limit is killed, restarted and reported, and serves again (edge case: OOM kill)", async () => {
  const [pod] = await namespace.pods("backend");
  const name = pod?.metadata.name ?? "";
  // The kernel takes the process with the worst score, which grows with its own memory: many small ones
  // fill the limit, so that the application's is the worst.
  const program = [
    "import os, time",
    "open('/proc/1/oom_score_adj', 'w').write('1000')",
    "for _ in range(40):",
    "    if os.fork() == 0:",
    "        held = bytearray(20 * 1024 * 1024)",
    "        time.sleep(30)",
    "        os._exit(0)",
    "    time.sleep(0.05)",
    "time.sleep(30)",
  ].join("\n");
  await namespace.try(["exec", name, "--container=backend", "--", "python", "-c", program]);
  const killed = await eventually(60, async () => {
    const { status } = await namespace.get<Pod>("pod", name);
    return status.containerStatuses?.find(({ restartCount }) => restartCount > 0)?.lastState
      .terminated;
  });
  expect(killed).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  const report = await npm("ops");
  expect(report.stdout).toMatch(/OOMKilled/);
  await namespace.kubectl(["wait", "pod", name, "--for=condition=Ready", "--timeout=90s"]);
  await (await newUser(baseUrl)).addTask("after the kill");
});

test("a memory limit that is too low ends the update with OOMKilled as the reason, and the old pods serve (edge case: OOM kill)", async () => {
  const before = await namespace.podNames("backend");
  await configure("backendResources.limits.memory", "64Mi", "--path");
  await configure("backendResources.requests.memory", "64Mi", "--path");
  try {
    const { seconds, result } = await timed(() => npm("up"));
    figure("edge case: OOM kill", "up with a limit too low, to its end", seconds, "s");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/pod todo-app-test\/todo-app-backend-\S+: .*OOMKilled/);
    expect(await namespace.podNames("backend")).toEqual(before);
  } finally {
    await configure("backendResources.limits.memory", "512Mi", "--path");
    await configure("backendResources.requests.memory", "128Mi", "--path");
  }
});

test("pods that the cluster has no room for end the update with the reason, and the old ones serve (edge case: cluster out of room)", async () => {
  const before = await namespace.podNames("frontend");
  for (const part of ["limits", "requests"]) {
    await configure(`frontendResources.${part}.cpu`, "64", "--path");
  }
  try {
    const result = await npm("up");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /pod todo-app-test\/todo-app-frontend-\S+: not scheduled: .*Insufficient cpu/,
    );
    expect(await namespace.podNames("frontend")).toEqual(before);
  } finally {
    await configure("frontendResources.limits.cpu", "500m", "--path");
    await configure("frontendResources.requests.cpu", "50m", "--path");
  }
});

test("a port that another Service has is named before anything changes (edge case: port conflict)", async () => {
  const taken = 30_177;
  await kubectl("create", "service", "nodeport", "squatter", "--tcp=80:80", `--node-port=${taken}`);
  await configure("nodePort", `${taken}`);
  try {
    const result = await npm("up");
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(`port ${taken} is taken`);
    expect(result.stderr).toContain("Service todo-app-test/squatter");
    expect(
      await kubectl("get", "service", FRONTEND, "--output=jsonpath={.spec.ports[0].nodePort}"),
    ).toBe("30100");
  } finally {
    await configure("nodePort", "30100");
    await kubectl("delete", "service", "squatter");
  }
});

test("an image that no node has is named, and up brings it (edge case: image pull failure)", async () => {
  const image = await output("backendImage");
  const [old] = await namespace.podNames("backend");
  // A second pod of the old one's kind: it needs the image that is taken away.
  await kubectl("scale", `deployment/${BACKEND}`, "--replicas=0");
  await kubectl("wait", "--for=delete", `pod/${old}`, "--timeout=60s");
  await onNode("crictl", "rmi", image);
  await kubectl("scale", `deployment/${BACKEND}`, "--replicas=1");
  const waiting = await eventually(60, async () => {
    const [pod] = await namespace.pods("backend");
    const states = [
      ...(pod?.status.initContainerStatuses ?? []),
      ...(pod?.status.containerStatuses ?? []),
    ];
    return states.find(({ state }) => /ImagePull/.test(state.waiting?.reason ?? ""))?.state.waiting
      ?.reason;
  });
  expect(waiting).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
  const doctor = await npm("doctor");
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(new RegExp(`${image}.*\\n.*remedy: .*npm run up`));
  const { seconds } = await timed(async () => {
    await npmOk("up");
    await namespace.rolledOut(BACKEND);
  });
  figure("edge case: image pull failure", "up to serving again", seconds, "s");
});

test("another image under a tag in use is noticed and replaced (edge case: stale image under a re-used tag)", async () => {
  const image = await output("frontendImage");
  const full = (name: string): string => `docker.io/library/${name}`;
  await onNode(
    "ctr",
    "--namespace",
    "k8s.io",
    "images",
    "tag",
    "--force",
    full(await output("backendImage")),
    full(image),
  );
  const preview = await npm("preview");
  expect(preview.code).toBe(2);
  expect(preview.stdout).toContain("todo-frontend");
  await npmOk("up");
  expect(await idOnNode(image)).toBe(
    await run("docker", ["image", "inspect", "--format", "{{.Id}}", image]),
  );
});

test("changed code gets a new tag, so that the new pod runs it (edge case: stale image under a re-used tag, FR-009)", async () => {
  const before = await output("backendImage");
  let changed: string;
  const undo = edit(
    "apps/backend/app/api/routes/health.py",
    'service: str = "todo-backend"',
    'service: str = "todo-backend-changed"',
  );
  try {
    await npmOk("up");
    changed = await output("backendImage");
    expect(changed).not.toBe(before);
    const [pod] = await namespace.pods("backend");
    expect(pod?.spec.containers[0]?.image).toBe(changed);
    const proxy = `/api/v1/namespaces/${namespace.name}/pods/${pod?.metadata.name}:7860/proxy`;
    const health = JSON.parse(await kubectl("get", "--raw", `${proxy}/health`)) as unknown;
    expect(health).toMatchObject({ service: "todo-backend-changed" });
  } finally {
    undo();
  }
  // Back by the history: the image is still there, nothing is built.
  await npmOk("rollback");
  expect(await output("backendImage")).toBe(before);

  // Kept as long as rollback may need it, or another clone's stack has it, scaled down to nothing.
  expect(await idOnNode(changed)).toBeDefined();
  const id = await run("docker", ["image", "inspect", "--format", "{{.Id}}", changed]);
  const another = ["deployment", "another-clones", "--namespace", "default"];
  await kubectl("create", ...another, `--image=${changed}`, "--replicas=0");
  await configure("keptDeployments", "1");
  try {
    await npmOk("up");
    expect(await idOnNode(changed)).toBeDefined();
  } finally {
    await kubectl("delete", ...another);
  }
  // No longer: not under any of its names.
  await npmOk("up");
  await configure("keptDeployments", undefined);
  expect(await idOnNode(changed)).toBeUndefined();
  expect((await tryRun("docker", ["image", "inspect", id])).code).not.toBe(0);
});

test("a ConfigMap that is changed by hand reaches pods when they restart, and up puts it back (edge case: ConfigMap change)", async () => {
  const patch = '{"data":{"LOG_LEVEL":"error"}}';
  await kubectl("patch", "configmap", "todo-app-config", "--type=merge", "--patch", patch);
  const inPod = (): Promise<string> =>
    kubectl("exec", `deployment/${FRONTEND}`, "--", "node", "-p", "process.env.LOG_LEVEL");
  expect(await inPod()).toBe("info");
  await kubectl("rollout", "restart", `deployment/${FRONTEND}`);
  await namespace.rolledOut(FRONTEND);
  expect(await inPod()).toBe("error");
  await npmOk("up");
  await namespace.rolledOut(FRONTEND);
  const config = await namespace.get<{ data: Record<string, string> }>(
    "configmap",
    "todo-app-config",
  );
  expect(config.data.LOG_LEVEL).toBe("info");
});

test("without DNS the front end stays up and answers that the back end is away, and recovers by itself (edge case: DNS)", async () => {
  const user = await newUser(baseUrl);
  const dns = ["--namespace", "kube-system", "deployment/coredns"];
  const replicas = await kubectl("get", ...dns, "--output=jsonpath={.spec.replicas}");
  try {
    await kubectl("scale", ...dns, "--replicas=0");
    const pods = ["pod", "--selector=k8s-app=kube-dns", "--namespace", "kube-system"];
    await kubectl("wait", "--for=delete", ...pods, "--timeout=60s");
    // Whoever has a connection needs no names.
    const [server = ""] = await namespace.podNames("backend");
    await namespace.signal(server, "KILL");
    const [pod] = await namespace.pods("frontend");
    const status = await eventually(60, async () => {
      const response = await user.request("/api/backend/ready").catch(() => undefined);
      return response && response.status >= 500 && response.status;
    });
    expect([502, 503, 504]).toContain(status);
    expect((await fetch(`${baseUrl}/api/health`)).status).toBe(200);
    expect((await namespace.pods("frontend")).map(({ metadata }) => metadata.name)).toEqual([
      pod?.metadata.name,
    ]);
    const doctor = await npm("doctor");
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/✗ .*DNS.*\n.*remedy/);
  } finally {
    await kubectl("scale", ...dns, `--replicas=${replicas}`);
  }
  const { seconds } = await timed(() =>
    eventually(
      60,
      async () => (await user.request("/api/backend/ready").catch(() => undefined))?.ok,
    ),
  );
  await kubectl("rollout", "status", ...dns, "--timeout=90s");
  figure("edge case: DNS", "DNS started to serving again", seconds, "s");
});

test("a start-up that takes longer than its probe allows is restarted, and a longer probe lets it finish (edge case: start-up probe timeout, story 4.4, FR-027)", async () => {
  // Frozen for 40 s after it has started: longer than the 30 s that the probe allows, shorter than 60 s.
  const freezeNext = async (
    change: () => Promise<unknown>,
  ): Promise<{ name: string; restarts: number }> => {
    const old = await namespace.podNames("backend");
    await change();
    const pod = await eventually(60, async () => {
      const pods = await namespace.pods("backend");
      return pods.find(
        ({ metadata, status }) =>
          !old.includes(metadata.name) && status.containerStatuses?.[0]?.state.running,
      );
    });
    const { name } = pod.metadata;
    await namespace.signal(name, "STOP");
    const stopped = await namespace.get<Pod>("pod", name);
    expect(stopped.status.containerStatuses?.[0]?.started).toBe(false);
    const restarted = await eventually(42, async () => {
      const { status } = await namespace.get<Pod>("pod", name);
      return (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;
    }).catch(() => false);
    if (!restarted) await namespace.signal(name, "CONT");
    await namespace.rolledOut(BACKEND);
    const { status } = await namespace.get<Pod>("pod", name);
    return { name, restarts: status.containerStatuses?.[0]?.restartCount ?? 0 };
  };

  const short = await freezeNext(() => kubectl("rollout", "restart", `deployment/${BACKEND}`));
  expect(short.restarts).toBe(1);
  expect((await namespace.events(short.name)).join("\n")).toMatch(/Startup probe failed/);

  const path = "/spec/template/spec/containers/0/startupProbe/failureThreshold";
  const patch = JSON.stringify([{ op: "replace", path, value: 60 }]);
  const long = await freezeNext(() =>
    kubectl("patch", "deployment", BACKEND, "--type=json", "--patch", patch),
  );
  expect(long.restarts).toBe(0);
  await npmOk("up"); // what was patched by hand goes back
});

test("the cluster's log and events tell of nothing unexplained at the end", async () => {
  const preview = await npm("preview", "--refresh");
  expect([preview.code, preview.stdout.trim()]).toEqual([0, "no changes"]);
  const doctor = await npm("doctor");
  expect(doctor.stdout).toMatch(/all is well/);
  const left = await tryRun("docker", ["ps", "--all", "--filter", "name=squatter", "--quiet"]);
  expect(left.stdout).toBe("");
});

test("each write that was acknowledged during the edge cases is there, once (SC-006)", () =>
  ledger.expectBalanced());
