import type { Session } from "../../../../cli/session/session";
import { update } from "../../../../cli/update/update";
import { readSettings } from "../../../../components/settings/settings";

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
