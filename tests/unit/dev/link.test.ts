import { Link } from "../../../dev/link";
import type { FromPod } from "../../../dev/protocol";

test("a stream that breaks off in a message ends, and takes nothing with it", async () => {
  const messages: FromPod[] = [];
  const script = `printf '%s\\n' '{"type":"ended","code":3}' 'no message'; printf '{"type":"hello","files":{"a'`;
  const link = new Link(["sh", "-c", `${script}; echo gone >&2`], process.env, (message) =>
    messages.push(message),
  );
  expect(await link.ended).toBe("gone");
  expect(messages).toEqual([{ type: "ended", code: 3 }]);
});
