import type { Pulumi } from "../../../../cli/session/pulumi";
import type { EngineEvent } from "../../../../cli/update/events";
import { follow } from "../../../../cli/update/follow";
import { written } from "../commands/support";
import { happened, said } from "./support/events";

const RELEASE = "urn:pulumi:dev::todo-app::kubernetes:helm.sh/v3:Release::todo-app";

let err: string[];
beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  err = written("stderr");
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** A command under way that prints lines as it is told to. */
async function followed(onEvent?: (event: EngineEvent) => void) {
  let print: (line: string) => void = () => undefined;
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const running = { endedDespiteSignals: () => ended };
  const start = jest.fn(async (_: readonly string[], onLine: typeof print) => {
    print = onLine;
    return running;
  });
  const made = await follow({ start } as unknown as Pulumi, ["up", "--yes"], { A: "1" }, onEvent);
  return {
    made,
    start,
    running,
    print: (line: string) => print(line),
    end: (code: number) => end(code),
  };
}

test("the command is asked for events, in the environment that is given", async () => {
  const { made, start, running } = await followed();
  expect(start).toHaveBeenCalledWith(["up", "--yes", "--json"], expect.any(Function), { A: "1" });
  expect(made.running).toBe(running);
});

test("each event is handed on, shown and remembered", async () => {
  const events: string[] = [];
  const { made, print, end } = await followed(({ kind }) => {
    events.push(kind);
    expect(err).toHaveLength(events.length - 1); // before it is shown
  });
  print(said("error", "no room"));
  print(said("debug", "secret"));
  print("error: plain words");
  expect(events).toEqual(["said", "printed"]);
  expect(err).toEqual(["    error: no room\n", "error: plain words\n"]);
  expect(made.outcome.errors).toMatchObject([{ text: "no room" }]);
  end(3);
  expect(await made.ended).toBe(3);
});

test("a sign of life comes after fifteen silent seconds, and none once it has ended", async () => {
  const { made, print, end } = await followed();
  print(happened("resourcePreEvent", "create", RELEASE));
  expect(err).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(10_000);
  print(said("info", "hello"));
  expect(err).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(14_999);
  expect(err).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(1);
  expect(err.at(-1)).toMatch(
    /^… {2}\+ {2}kubernetes:helm.sh\/v3:Release todo-app creating \(25s\)\n$/,
  );
  await jest.advanceTimersByTimeAsync(15_000);
  expect(err).toHaveLength(4);
  end(0);
  await made.ended;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(err).toHaveLength(4);
});
