import { RequestError } from "./http";
import { Observable } from "./observable";

export interface ConnectionState {
  /** Whether the back end could be reached when last asked. */
  status: "ok" | "away";
  /** How often it was asked in vain; a recovery that was over at once doesn't count. */
  attempts: number;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 10_000;

/** Whether a failed probe was answered all the same: with a refusal, or that the session is over. */
function isAnswer(error: unknown): boolean {
  return error instanceof RequestError && error.kind !== "unavailable";
}

/** Knows whether the back end can be reached and, while it can't, keeps asking. */
export class Connection extends Observable<ConnectionState> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;
  private readonly onBack = new Set<() => void>();
  /** How often it had been asked in vain, and when it came back: that may not last. */
  private recovery = { attempts: 0, time: Number.NEGATIVE_INFINITY };

  /** @param probe resolves to true when the back end answers. */
  constructor(private readonly probe: () => Promise<boolean>) {
    super({ status: "ok", attempts: 0 });
  }

  /** Calls `listener` each time the back end is back. Returns how to unregister. */
  whenBack(listener: () => void): () => void {
    this.onBack.add(listener);
    return () => this.onBack.delete(listener);
  }

  /** A request failed because the back end was away. */
  lost(): void {
    if (this.getSnapshot().status === "away") return;
    const { attempts, time } = this.recovery;
    const relapse = Date.now() - time < LONGEST_DELAY_MS;
    this.set({ status: "away", attempts: relapse ? attempts + 1 : 0 });
    this.schedule();
  }

  /** Asks at once instead of waiting for the next turn. */
  async retryNow(): Promise<void> {
    if (this.getSnapshot().status === "ok") return;
    clearTimeout(this.timer);
    await this.check();
  }

  /** Stops asking. */
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.disposed) return;
    const delay = Math.min(FIRST_DELAY_MS * 1.5 ** this.getSnapshot().attempts, LONGEST_DELAY_MS);
    this.timer = setTimeout(() => void this.check(), delay);
  }

  private async check(): Promise<void> {
    const back = await this.probe().catch(isAnswer);
    if (this.getSnapshot().status === "ok") return;
    if (!back) {
      this.patch({ attempts: this.getSnapshot().attempts + 1 });
      this.schedule();
      return;
    }
    this.recovery = { attempts: this.getSnapshot().attempts, time: Date.now() };
    this.set({ status: "ok", attempts: 0 });
    for (const listener of this.onBack) listener();
  }
}
