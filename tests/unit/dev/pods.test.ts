import type { Cluster, Pod } from "../../../cli/session/cluster";
import { attachCommand, devPod } from "../../../dev/pods";

const LABEL = "app.kubernetes.io/component";

interface Sample {
  component?: string;
  dev?: string;
  runs?: boolean;
  made?: string;
  going?: boolean;
}

const pod = (
  name: string,
  { component = "backend", dev = "true", runs = true, made = "2026-01-01", going }: Sample = {},
): Pod =>
  ({
    metadata: {
      ...{ name, creationTimestamp: `${made}T00:00:00Z` },
      labels: { [LABEL]: component, "todo-app/dev": dev },
      ...(going ? { deletionTimestamp: "2026-01-02T00:00:00Z" } : {}),
    },
    status: { containerStatuses: [{ state: {} }, { state: runs ? { running: {} } : {} }] },
  }) as unknown as Pod;

describe("the pod that takes edits", () => {
  test("is the newest that runs", () => {
    const pods = [
      pod("b", { made: "2026-01-02" }),
      pod("c", { made: "2026-01-03" }),
      pod("a", { made: "2026-01-01" }),
      pod("starting", { made: "2026-01-04", runs: false }),
      pod("going", { made: "2026-01-05", going: true }),
      pod("other", { made: "2026-01-06", component: "frontend" }),
      pod("image", { made: "2026-01-07", dev: "false" }),
    ];
    expect(devPod(pods, "backend")).toEqual({ state: "running", pod: "c" });
    expect(devPod(pods, "frontend")).toEqual({ state: "running", pod: "other" });
  });

  test("is waited for where none is there yet, or it doesn't run yet", () => {
    expect(devPod([], "backend")).toEqual({ state: "waiting" });
    expect(devPod([pod("a", { runs: false })], "backend")).toEqual({ state: "waiting" });
    const mixed = [pod("a", { runs: false }), pod("b", { dev: "false" })];
    expect(devPod(mixed, "backend")).toEqual({ state: "waiting" });
    const bare = { ...pod("a"), status: { phase: "Pending" } };
    expect(devPod([bare], "backend")).toEqual({ state: "waiting" });
  });

  test("is none where an image runs in its place", () => {
    expect(devPod([pod("a", { dev: "false" })], "backend")).toEqual({ state: "image" });
    const { labels: _, ...metadata } = pod("a").metadata;
    expect(devPod([{ ...pod("a"), metadata }], "backend")).toEqual({ state: "waiting" });
  });
});

test("its supervisor is spoken to in its own container, on the stack's cluster", () => {
  const cluster = { arguments: ["--context", "c", "--namespace", "n"] } as Cluster;
  expect(attachCommand(cluster, "pod-1", "backend", ["python", "x", "attach"])).toEqual([
    ...["kubectl", "--context", "c", "--namespace", "n", "exec", "--stdin", "pod-1"],
    ...["--container", "backend", "--", "python", "x", "attach"],
  ]);
});
