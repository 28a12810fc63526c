import { Observable } from "./observable";

export interface Toast {
  id: number;
  message: string;
  tone: "neutral" | "danger";
  action?: { label: string; run: () => void } | undefined;
  /** Called when it has gone without its action being used, in whatever way. */
  onLapse?: (() => void) | undefined;
}

const SHOWN_MS = 6_000;
const MOST = 3;

/** Short messages at the edge of the screen, some with one thing to do. */
export class ToastStore extends Observable<readonly Toast[]> {
  private next = 1;
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor() {
    super([]);
  }

  show(toast: Partial<Toast> & Pick<Toast, "message">): void {
    const { id, ...rest } = { tone: "neutral" as const, ...toast, id: this.next++ };
    for (const { id: oldest } of this.getSnapshot().slice(0, 1 - MOST)) this.dismiss(oldest);
    this.set([...this.getSnapshot(), { id, ...rest }]);
    this.resume(id);
  }

  dismiss(id: number): void {
    this.take(id)?.onLapse?.();
  }

  /** Does what the message offers. */
  act(id: number): void {
    this.take(id)?.action?.run();
  }

  /** Dismisses those that have something to do when they go: it can't wait any longer. */
  flush(): void {
    for (const { id, onLapse } of this.getSnapshot()) if (onLapse) this.dismiss(id);
  }

  /** Stops the clock, while someone is reading or about to use the action. */
  pause(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    this.timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_MS),
    );
  }

  private take(id: number): Toast | undefined {
    this.pause(id);
    const toast = this.getSnapshot().find((other) => other.id === id);
    this.set(this.getSnapshot().filter((other) => other !== toast));
    return toast;
  }
}
