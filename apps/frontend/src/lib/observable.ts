/** State that components read through `useSyncExternalStore`. Snapshots are never mutated. */
export abstract class Observable<State> {
  private readonly listeners = new Set<() => void>();

  protected constructor(private state: State) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): State => this.state;

  protected set(state: State): void {
    if (Object.is(state, this.state)) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  protected patch(changes: Partial<State>): void {
    this.set({ ...this.state, ...changes });
  }
}
