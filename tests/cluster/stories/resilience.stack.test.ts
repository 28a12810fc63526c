/** Story 5: pods go, and nothing that a user has goes with them. */
import { answer, type Client, newUser, threadOf } from "../support/client";
import { figure, timed } from "../support/figures";
import { eventually } from "../support/namespace";
import { baseUrl, kubectl, namespace, onNode } from "../support/stack";

jest.setTimeout(4 * 60_000);

const MESSAGES = 10;

describe("a user in the middle of a conversation", () => {
  let user: Client;
  let threadId: string;

  beforeAll(async () => {
    user = await newUser(baseUrl);
    threadId = threadOf(await user.chat("add buy milk"));
    for (const number of [2, 3, 4, 5]) await user.chat(`add task number ${number}`, threadId);
    expect(await user.messages(threadId)).toHaveLength(MESSAGES);
  });

  it("goes on with it after the back end's pod was deleted, ten messages and all (story 5.3, SC-006)", async () => {
    const before = await user.messages(threadId);
    const [old] = await namespace.podNames("backend");
    const { seconds } = await timed(async () => {
      await kubectl("delete", "pod", old ?? "", "--wait=true");
      await namespace.rolledOut("todo-app-backend");
    });
    figure("SC-006", "back end deleted to replaced and ready", seconds, "s");
    expect(await namespace.podNames("backend")).not.toContain(old);
    expect(answer(await user.chat("mark buy milk as done", threadId))).toMatch(/milk/i);
    const after = await user.messages(threadId);
    expect(after.slice(0, MESSAGES)).toEqual(before);
    expect(after).toHaveLength(MESSAGES + 2);
    const milk = (await user.tasks()).find(({ title }) => /milk/i.test(title));
    expect(milk).toMatchObject({ completed: true });
  });

  it("stays signed in, with the history there, after the front end's pod was killed (story 5.4, SC-006)", async () => {
    const before = await user.messages(threadId);
    const [old] = await namespace.podNames("frontend");
    const process = await namespace.processOf(old ?? "");
    await kubectl("delete", "pod", old ?? "", "--grace-period=0", "--force");
    // The pod is forgotten at once, its process may still answer for a moment.
    await eventually(30, async () => (await onNode("test", "-d", `/proc/${process}`)).code !== 0);
    // As a browser does: the connection of before is gone with its pod.
    const { seconds } = await timed(() =>
      eventually(
        60,
        async () => (await user.session().catch(() => undefined)) === user.email,
        "the session to be there again",
      ),
    );
    figure("SC-006", "front end killed to the same session again", seconds, "s");
    expect(await namespace.podNames("frontend")).not.toContain(old);
    expect(await user.messages(threadId)).toEqual(before);
    expect((await user.request(`/chat/${threadId}`, { redirect: "manual" })).status).toBe(200);
  });
});
