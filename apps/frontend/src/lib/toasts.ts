import { Observable } from "./observable";

/** One of the things that a message tells of, with what takes it back. */
export interface ToastPart {
  id: number;
  message: string;
  /** What it is about, such as a task's title. */
  subject: string;
  run: () => void;
}

export interface Toast {
  id: number;
  message: string;
  tone: "neutral" | "danger";
  action?: { label: string; run: () => void } | undefined;
  /** It goes as soon as there is something newer to say. */
  brief?: boolean | undefined;
  /** Messages of one name become one, which says of how many it tells. */
  group?: { name: string; subject: string; describe: (count: number) => string } | undefined;
  /** What a message of a group tells of, the newest last; each can be taken back by itself. */
  parts: readonly ToastPart[];
}

/** How long a message is shown, in milliseconds; longer where there is something to do. */
const SHOWN_MS = 6_000;
const ACTION_SHOWN_MS = 10_000;
const MOST = 3;

/** Short messages at the edge of the screen, some with one thing to do. */
export class ToastStore extends Observable<readonly Toast[]> {
  private next = 1;
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** Those that somebody reads, or is about to use. */
  private readonly held = new Set<number>();

  constructor() {
    super([]);
  }

  show(toast: Partial<Omit<Toast, "id" | "parts">> & Pick<Toast, "message">): void {
    const same = this.getSnapshot().find(
      ({ group }) => group !== undefined && group.name === toast.group?.name,
    );
    for (const { id, brief } of this.getSnapshot()) if (brief && id !== same?.id) this.dismiss(id);
    const id = same?.id ?? this.next++;
    const { group, action } = toast;
    const part = group && action && { id: this.next++, message: toast.message, run: action.run };
    const parts = part ? [...(same?.parts ?? []), { ...part, subject: group.subject }] : [];
    const others = this.getSnapshot().filter((other) => other !== same);
    this.set([...this.withRoom(others), worded({ tone: "neutral", ...toast, id, parts })]);
    if (!this.held.has(id)) this.resume(id);
  }

  dismiss(id: number): void {
    this.take(id);
  }

  /** Does what the message offers, for all that it tells of. */
  act(id: number): void {
    const toast = this.take(id);
    if (!toast) return;
    if (toast.parts.length > 0) for (const part of toast.parts) part.run();
    else toast.action?.run();
  }

  /** Takes back one of the things that a message tells of. */
  actOn(id: number, partId: number): void {
    const toast = this.find(id);
    const part = toast?.parts.find((one) => one.id === partId);
    if (!toast || !part) return;
    const parts = toast.parts.filter((one) => one !== part);
    if (parts.length === 0) this.take(id);
    else {
      const rest = worded({ ...toast, parts });
      this.set(this.getSnapshot().map((one) => (one === toast ? rest : one)));
    }
    part.run();
  }

  /** Takes back what was done last, of all that the messages tell of. Tells whether there was anything. */
  actOnNewest(): boolean {
    const toast = this.getSnapshot().findLast(({ action }) => action);
    if (!toast) return false;
    const part = toast.parts.at(-1);
    if (part) this.actOn(toast.id, part.id);
    else this.act(toast.id);
    return true;
  }

  /** Stops the clock, while someone is reading or about to use the action. */
  pause(id: number): void {
    this.held.add(id);
    this.stopClock(id);
  }

  resume(id: number): void {
    const toast = this.find(id);
    this.forget(id);
    if (!toast) return;
    const limit = toast.action ? ACTION_SHOWN_MS : SHOWN_MS;
    this.timers.set(
      id,
      setTimeout(() => this.dismiss(id), limit),
    );
  }

  /** The messages that stay beside one more: a notice goes before what offers something does. */
  private withRoom(others: readonly Toast[]): Toast[] {
    const spare = [
      ...others.filter(({ action }) => !action),
      ...others.filter(({ action }) => action),
    ].slice(0, Math.max(0, others.length + 1 - MOST));
    for (const { id } of spare) this.forget(id);
    return others.filter((other) => !spare.includes(other));
  }

  private find(id: number): Toast | undefined {
    return this.getSnapshot().find((toast) => toast.id === id);
  }

  private take(id: number): Toast | undefined {
    this.forget(id);
    const toast = this.find(id);
    this.set(this.getSnapshot().filter((other) => other !== toast));
    return toast;
  }

  private forget(id: number): void {
    this.held.delete(id);
    this.stopClock(id);
  }

  private stopClock(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }
}

/** A message of a group in words: of the one that it tells of, or of how many. */
function worded(toast: Toast): Toast {
  const { group, parts } = toast;
  const [first] = parts;
  if (!group || !first) return toast;
  return { ...toast, message: parts.length === 1 ? first.message : group.describe(parts.length) };
}
