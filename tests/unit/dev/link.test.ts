import type { Cluster } from "../../../cli/session/cluster";
import { Link } from "../../../dev/link";
import { DevLoop } from "../../../dev/loop";
import type { FromPod } from "../../../dev/protocol";
import { takenBy } from "../../../dev/sync";
import type { Key, Terminal } from "../../../dev/terminal";

test("a stream that breaks off in a message ends, and takes nothing with it", async () => {
  const messages: FromPod[] = [];
  const script = `printf '%s\\n' '{"type":"ended","code":3}' 'no message'; printf '{"type":"hello","files":{"a'`;
  const link = new Link(["sh", "-c", `${script}; echo gone >&2`], process.env, (message) =>
    messages.push(message),
  );
  expect(await link.ended).toBe("gone");
  expect(messages).toEqual([{ type: "ended", code: 3 }]);
});

test.each([
  ["frontend", "npm run dev -- backend"],
  ["backend", "npm run dev -- frontend"],
])("where the %s is another's, the other one is named", (component, command) => {
  const owner = { user: "ada", host: "laptop", pid: 1 };
  expect(takenBy(component, owner).next).toMatch(new RegExp(`${command}$`));
});

test("a key that can't do what it should says why, and the loop goes on", async () => {
  const lines: string[] = [];
  let press: (key: Key) => void = () => undefined;
  let asked = 0;
  const terminal = {
    line: (text: string) => lines.push(text),
    keys: (handler: typeof press) => {
      press = handler;
    },
    status: () => undefined,
    close: () => undefined,
  } as unknown as Terminal;
  const loop = new DevLoop({
    ...{ components: [], env: {}, terminal, debug: undefined, configuration: [] },
    cluster: { pods: async () => [] } as unknown as Cluster,
    update: async () => undefined,
    url: async () => {
      asked += 1;
      if (asked > 1) throw new Error("the state is gone");
      return "http://localhost:30000";
    },
  });
  const end = loop.run();
  await new Promise((resolve) => setTimeout(resolve, 50));
  press("open");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(lines.at(-1)).toBe("Error: the state is gone");
  loop.leave();
  expect(await end).toBe("left");
});
