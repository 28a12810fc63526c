import { ENDING_SIGNALS } from "../../common/signals";

const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Ends a whole run before its time: by Ctrl-C, or because it takes too long. */
export class Stop {
  private readonly controller = new AbortController();
  private received: (typeof ENDING_SIGNALS)[number] | undefined;
  private readonly timer: NodeJS.Timeout;

  /** @param minutes after which the run is over */
  constructor(minutes: number) {
    this.timer = setTimeout(
      () => this.end(`the whole run's limit of ${minutes} min is over`),
      minutes * 60_000,
    );
    // Ctrl-C comes twice: from the terminal, and passed on by npm.
    for (const name of ENDING_SIGNALS) process.on(name, this.receive);
  }

  /** Aborted, with the reason, when nothing further may begin and all that runs has to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code of a run that a signal has ended. */
  get code(): number | undefined {
    return this.received && 128 + NUMBERS[this.received];
  }

  /** Signals mean again what they mean without it. */
  close(): void {
    clearTimeout(this.timer);
    for (const name of ENDING_SIGNALS) process.off(name, this.receive);
  }

  private readonly receive = (name: NodeJS.Signals): void => {
    this.received ??= name as (typeof ENDING_SIGNALS)[number];
    this.end(`stopped by ${name}`);
  };

  private end(reason: string): void {
    if (!this.signal.aborted) this.controller.abort(new Error(reason));
  }
}
