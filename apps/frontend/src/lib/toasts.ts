import { Observable } from "./observable";

export interface Toast {
  id: number;
  message: string;
  tone: "neutral" | "danger";
  action?: { label: string; run: () => void } | undefined;
  /** It goes as soon as there is something newer to say. */
  brief?: boolean | undefined;
  /** Messages of one group become one rather than push each other out. */
  group?: { count: number; describe: (count: number) => string } | undefined;
}

/** How long a message is shown, in milliseconds; longer where there is something to do. */
const SHOWN_MS = 6_000;
const ACTION_SHOWN_MS = 10_000;
const MOST = 3;

/** Short messages at the edge of the screen, some with one thing to do. */
export class ToastStore extends Observable<readonly Toast[]> {
  private next = 1;
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor() {
    super([]);
  }

  show(toast: Partial<Toast> & Pick<Toast, "message">): void {
    const id = this.next++;
    for (const { id: other, brief } of this.getSnapshot()) if (brief) this.dismiss(other);
    const added = this.merged({ tone: "neutral", ...toast, id });
    // What offers nothing makes room first: a notice mustn't push an Undo out.
    const others = this.getSnapshot();
    const spare = [
      ...others.filter(({ action }) => !action),
      ...others.filter(({ action }) => action),
    ];
    for (const { id: one } of spare.slice(0, Math.max(0, others.length + 1 - MOST)))
      this.dismiss(one);
    this.set([...this.getSnapshot(), added]);
    this.resume(id);
  }

  /** The message, with those of its group in it when there is no room for all of them. */
  private merged(toast: Toast): Toast {
    const { group, action } = toast;
    const same = this.getSnapshot().filter(
      (other) => group && other.group?.describe === group.describe,
    );
    if (!group || !action || this.getSnapshot().length < MOST || same.length === 0) return toast;
    const all = [...same.map((other) => this.take(other.id)), toast].filter(
      (one) => one !== undefined,
    );
    const count = all.reduce((sum, one) => sum + (one.group?.count ?? 0), 0);
    return {
      ...toast,
      message: group.describe(count),
      group: { ...group, count },
      action: { label: action.label, run: () => runAll(all) },
    };
  }

  dismiss(id: number): void {
    this.take(id);
  }

  /** Does what the message offers. */
  act(id: number): void {
    this.take(id)?.action?.run();
  }

  /** Does what the newest message offers that offers something. Tells whether there was one. */
  actOnNewest(): boolean {
    const toast = this.getSnapshot().findLast(({ action }) => action);
    if (toast) this.act(toast.id);
    return toast !== undefined;
  }

  /** Stops the clock, while someone is reading or about to use the action. */
  pause(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    const action = this.getSnapshot().find((toast) => toast.id === id)?.action;
    this.timers.set(
      id,
      setTimeout(() => this.dismiss(id), action ? ACTION_SHOWN_MS : SHOWN_MS),
    );
  }

  private take(id: number): Toast | undefined {
    this.pause(id);
    const toast = this.getSnapshot().find((other) => other.id === id);
    this.set(this.getSnapshot().filter((other) => other !== toast));
    return toast;
  }
}

function runAll(toasts: readonly Toast[]): void {
  for (const { action } of toasts) action?.run();
}
