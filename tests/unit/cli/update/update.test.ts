import type { Session } from "../../../../cli/session/session";
import type { EngineEvent } from "../../../../cli/update/events";
import { follow } from "../../../../cli/update/follow";
import type { Outcome } from "../../../../cli/update/outcome";
import { type PodFailure, RolloutWatch } from "../../../../cli/update/rollout-watch";
import { SecretGuard } from "../../../../cli/update/secret-guard";
import { update } from "../../../../cli/update/update";
import { readSettings } from "../../../../components/settings/settings";
import { written } from "../commands/support";
import { outcomeOf, said } from "./support/events";

jest.mock("../../../../cli/update/follow", () => ({ follow: jest.fn() }));
afterEach(() => jest.restoreAllMocks());

test("an update doesn't begin before the Secret that it may have to put back was read", async () => {
  const start = jest.fn();
  const session = {
    stack: "dev",
    settings: readSettings({}, "dev", []),
    pulumi: { start },
    cluster: {
      namespace: "todo-app",
      pods: async () => [],
      try: async () => ({ code: 1, stdout: "", stderr: "Unable to connect: i/o timeout" }),
    },
  } as unknown as Session;
  await expect(update(session, { message: async () => "" })).rejects.toMatchObject({
    what: 'the cluster of context "minikube" doesn\'t say what runs there',
    why: "Unable to connect: i/o timeout",
  });
  expect(start).not.toHaveBeenCalled();
});

describe("an update", () => {
  const FAILURE: PodFailure = {
    ...{ pod: "ns/p", reason: "CrashLoopBackOff", details: [], hopeless: true },
  };
  const step = (type: string, op: string) => ({
    ...{ op, type, urn: "u", name: "n", isCustom: true, changed: [] },
  });
  const RELEASE = "kubernetes:helm.sh/v3:Release";
  const begins = (type: string, op: string): EngineEvent => ({
    kind: "begins",
    step: step(type, op),
  });
  const ended = (type: string, op: string): EngineEvent => ({
    kind: "ended",
    step: step(type, op),
  });

  interface Play {
    code?: number;
    events?: EngineEvent[];
    outcome?: Outcome;
    config?: Record<string, string>;
    options?: Partial<Parameters<typeof update>[1]>;
    hasRelease?: boolean;
    isStopped?: boolean;
    failure?: PodFailure;
    hopeless?: boolean;
  }

  /** An update in which this happens; what it has done. */
  async function played(play: Play) {
    const { code = 0, events = [], outcome = outcomeOf([]), config = {}, options = {} } = play;
    const calls: string[] = [];
    const interrupt = jest.fn();
    const restore = jest.fn(async () => undefined);
    const { hasRelease = true } = play;
    jest.spyOn(SecretGuard, "before").mockResolvedValue({ hasRelease, restore } as never);
    let onHopeless: (failure: PodFailure) => void = () => undefined;
    let onProgress: (line: string) => void = () => undefined;
    const from = jest.spyOn(RolloutWatch, "from").mockImplementation(async (_, options) => {
      ({ onHopeless, onProgress } = options as never);
      return {
        failure: play.failure,
        run: async () => void calls.push("run"),
        succeeded: () => void calls.push("succeeded"),
        stop: () => void calls.push("stop"),
      } as never;
    });
    jest
      .mocked(follow)
      .mockReset()
      .mockImplementation(async (_, __, ___, onEvent) => {
        const end = async (): Promise<number> => {
          for (const event of events) onEvent?.(event);
          onProgress("1 of 2 pods");
          if (play.hopeless) onHopeless(FAILURE);
          return code;
        };
        const running = { interrupt, isStopped: play.isStopped ?? false } as never;
        return { running, outcome, ended: new Promise(setImmediate).then(end) };
      });
    const err = written("stderr");
    const settings = readSettings(config, "dev", ["databaseUrl"]);
    const session = { stack: "dev", settings, pulumi: {}, cluster: {} } as unknown as Session;
    const error = await update(session, { message: async () => "1.0: b, f", ...options }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const args = jest.mocked(follow).mock.lastCall;
    return { error, calls, interrupt, restore, args, err, watched: from.mock.lastCall?.[1] };
  }

  test("is Pulumi's, without its own preview, with the message and what else is given", async () => {
    const options = { args: ["--plan", "p"], env: { A: "1" } };
    const { args, error, restore } = await played({ options });
    expect(error).toBeUndefined();
    expect(args?.slice(1, 3)).toEqual([
      ["up", "--yes", "--skip-preview", "--message", "1.0: b, f", "--plan", "p"],
      { A: "1" },
    ]);
    expect(restore).not.toHaveBeenCalled();
  });

  test.each(["create", "update", "create-replacement"])(
    "watches the pods from the beginning of the release's %s to its end, once",
    async (op) => {
      const events = [begins(RELEASE, op), begins(RELEASE, op), ended(RELEASE, op)];
      expect((await played({ events })).calls).toEqual(["run", "succeeded", "stop"]);
    },
  );

  test("watches no pods for what makes none", async () => {
    const events: EngineEvent[] = [
      begins(RELEASE, "same"),
      begins("kubernetes:core/v1:Secret", "update"),
      ended("kubernetes:core/v1:Secret", "update"),
      { kind: "failed", step: step(RELEASE, "update") },
      { kind: "printed", text: "x" },
    ];
    expect((await played({ events })).calls).toEqual(["stop"]);
  });

  test("knows whether the cluster may still get nodes, or its images, meanwhile", async () => {
    expect((await played({})).watched).toMatchObject({ isLoaded: true, grows: false });
    const config = {
      ...{ imageDelivery: "registry", registry: "registry.example/team", kubeContext: "far" },
      ...{ publicUrl: "https://todo.example", databaseUrl: "postgresql://t:hunter22@db/todo" },
    };
    expect((await played({ config })).watched).toMatchObject({ isLoaded: false, grows: true });
  });

  test("shows how the pods come along", async () => {
    expect((await played({})).err).toEqual(["    1 of 2 pods\n"]);
  });

  test("that can't succeed is called off at once, the Secret put back, and the pod told", async () => {
    const { error, interrupt, restore, err } = await played({ code: 1, hopeless: true });
    expect(interrupt).toHaveBeenCalledTimes(1);
    expect(restore).toHaveBeenCalledTimes(1);
    expect(err).toContain("✗ pod ns/p: CrashLoopBackOff; the rollout is called off and undone\n");
    expect(error).toMatchObject({
      what: "the rollout failed, and the release before it serves again",
      why: expect.stringContaining("pod ns/p: CrashLoopBackOff"),
    });
  });

  test("that fails is told by the pod that the watch has seen, and what is left of a first one", async () => {
    const failure = { ...FAILURE, reason: "not ready" };
    const { error } = await played({ code: 1, failure, hasRelease: false });
    expect(error).toMatchObject({
      what: "the first rollout failed, and was taken away again",
      why: expect.stringContaining("not ready"),
    });
  });

  test("that somebody has stopped says so", async () => {
    const outcome = outcomeOf([said("error", "timed out")]);
    const { error } = await played({ code: 1, outcome, isStopped: true });
    expect(error).toMatchObject({ what: 'the update of stack "dev" was stopped' });
  });

  test("that found a lock puts nothing back: whoever holds it may be about to roll that out", async () => {
    const outcome = outcomeOf(["error: the stack is currently locked by 1 lock(s)"]);
    const { error, restore } = await played({ code: 255, outcome });
    expect(error).toMatchObject({ what: 'stack "dev" is locked' });
    expect(restore).not.toHaveBeenCalled();
  });
});
