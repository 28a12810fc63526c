import { Observable } from "./observable";

export interface Toast {
  id: number;
  message: string;
  tone: "neutral" | "danger";
  action?: { label: string; run: () => void } | undefined;
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
    this.set([...this.getSnapshot().slice(-(MOST - 1)), { id, ...rest }]);
    this.resume(id);
  }

  dismiss(id: number): void {
    this.pause(id);
    this.set(this.getSnapshot().filter((toast) => toast.id !== id));
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
}
