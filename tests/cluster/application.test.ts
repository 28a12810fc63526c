import { run } from "../../common/run";
import { type ChatEvent, Client } from "./support/client";

jest.setTimeout(5 * 60_000);

const url = process.env.E2E_BASE_URL ?? "";

/** Output of kubectl in the tests' namespace. */
function kubectl(...args: string[]): Promise<string> {
  return run("kubectl", ["--context", "minikube", "--namespace", "todo-app-test", ...args]);
}

/** What the assistant said in a stream of events. */
function answer(events: readonly ChatEvent[]): string {
  return events
    .filter(({ type, item }) => type === "thread.item.done" && item?.type === "assistant_message")
    .flatMap(({ item }) => item?.content?.map(({ text }) => text ?? "") ?? [])
    .join("\n");
}

describe("a user of the deployed application (story 2, scenario 7)", () => {
  let user: Client;

  beforeAll(() => {
    user = new Client(url);
  });

  it("signs up, asks the chat for a task, and finds it in the list", async () => {
    await user.signUp();
    const events = await user.chat("add buy milk");
    expect(answer(events)).toMatch(/milk/i);
    expect((await user.tasks()).map(({ title }) => title.toLowerCase())).toEqual(["buy milk"]);
  });

  it("finds it there again after signing in anew", async () => {
    await user.signIn();
    expect(await user.tasks()).toHaveLength(1);
  });

  it("never sees another user's tasks", async () => {
    const other = new Client(url);
    await other.signUp();
    expect(await other.tasks()).toEqual([]);
    const [task] = await user.tasks();
    expect((await other.request(`/api/backend/api/tasks/${task?.id}`)).status).toBe(404);
  });

  it("keeps the conversation when the back end's pod is deleted (story 5, scenario 3)", async () => {
    const events = await user.chat("what is on my list?");
    const thread = events.find(({ type }) => type === "thread.created")?.thread?.id;
    expect(thread).toBeDefined();
    const selector = "app.kubernetes.io/component=backend";
    await kubectl("delete", "pod", "--selector", selector, "--wait=true");
    await kubectl("rollout", "status", "deployment/todo-app-backend", "--timeout=120s");
    await kubectl("wait", "pod", "--selector", selector, "--for=condition=Ready", "--timeout=120s");
    expect(answer(await user.chat("mark buy milk as done", thread))).toMatch(/milk/i);
    expect(await user.tasks()).toMatchObject([{ completed: true }]);
  });
});
