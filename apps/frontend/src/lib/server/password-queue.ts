/** Paths of Better Auth's API that hash a password, each of which keeps a core busy for a while. */
const HASHES = /\/(sign-in\/email|sign-up\/email|change-password|verify-password|delete-user)$/;

/** How many are let through at once, and how long others wait. */
export interface PasswordQueueOptions {
  /** Connections of the pool; one at the least stays for what everybody else reads. */
  poolSize: number;
  /** Longest wait, in milliseconds; by default less than a browser or a proxy in front waits. */
  waitMs?: number;
}

const MOST_AT_ONCE = 2;
const WAIT_MS = 20_000;

/**
 * Requests that hash a password, a few at once and in the order in which they came. Signing up holds a
 * connection to the database while it hashes: with as many at once as there are connections, everything else
 * waits for one, sessions too, until the pool gives up.
 */
export class PasswordQueue {
  private readonly atOnce: number;
  private readonly waitMs: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor({ poolSize, waitMs = WAIT_MS }: PasswordQueueOptions) {
    this.atOnce = Math.max(1, Math.min(MOST_AT_ONCE, poolSize - 1));
    this.waitMs = waitMs;
  }

  /**
   * Better Auth's answer to a request, when its turn has come; at once where it hashes nothing.
   * @throws Error when its turn doesn't come in time, or nobody waits for the answer any more
   */
  async answer(
    request: Request,
    handler: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    if (!HASHES.test(new URL(request.url).pathname)) return handler(request);
    await this.turn(request.signal);
    try {
      return await handler(request);
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.running < this.atOnce) {
      this.running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        forget();
        this.running += 1;
        resolve();
      };
      const giveUp = (): void => {
        forget();
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        reject(new Error("too many passwords are checked at once"));
      };
      const timer = setTimeout(giveUp, this.waitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      const forget = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
      };
      this.waiting.push(begin);
    });
  }
}
