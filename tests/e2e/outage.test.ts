import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { canControlBackend, startBackend, stopBackend } from "./support/backend";
import { useWindows } from "./support/browser";
import { newPerson } from "./support/people";

const RECOVERY_MS = 90_000;

(canControlBackend ? describe : describe.skip)("the back end stopped and back", () => {
  const open = useWindows();

  afterAll(startBackend);

  test("says so, keeps what was written, and sends it once the back end is back", async () => {
    const window = await open();
    const chat = new ChatPage(window.page);
    const tasks = new TaskPanel(window.page);
    await new AuthPage(window.page).join(newPerson());
    await chat.ask("add buy milk");

    await stopBackend();
    await chat.send("add buy bread");
    await chat.banner.waitFor();
    await chat.queued.waitFor();
    await chat.userMessages.filter({ hasText: "add buy bread" }).waitFor();
    // Writing goes on meanwhile.
    await chat.input.fill("a thought in between");
    await window.screenshot("backend-away");
    // The front end itself doesn't fall over.
    expect((await window.page.request.get("/api/health")).status()).toBe(200);

    await startBackend();
    await chat.banner.waitFor({ state: "detached", timeout: RECOVERY_MS });
    await tasks.task("buy bread").waitFor({ timeout: RECOVERY_MS });
    await chat.queued.waitFor({ state: "detached" });
    expect(await chat.input.inputValue()).toBe("a thought in between");
    await tasks.expectTitles("buy milk", "buy bread");
  }, 300_000);
});
