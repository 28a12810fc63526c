import { UserError } from "../common/errors";
import type { ComponentFacts } from "./components";
import type { Link } from "./link";
import type { Failure, FromPod, Owner } from "./protocol";
import { difference, type LocalTree, treeHash } from "./tree";
import type { Edit } from "./watcher";

/** What a component's sync tells. */
export type SyncEvent =
  | { type: "connected"; pod: string; tree: string; files: number }
  | { type: "served"; tree: string; files: number; seconds: number | undefined }
  | ({ type: "broken"; serves: boolean } & Failure)
  | { type: "ended"; code: number }
  | { type: "debugging"; port: number }
  | { type: "lost"; why: string };

/** An edit that is under way. */
interface Pending {
  files: number;
  tree: string;
  /** Milliseconds since 1970; undefined where it is no edit, but what a new pod lacks. */
  savedAt: number | undefined;
}

/**
 * Keeps the tree in a pod the same as the one here. The pod says what it has, and gets what it lacks:
 * whatever was lost on the way, the next hello finds.
 */
export class ComponentSync {
  private link: Link | undefined;
  private pod = "";
  /** What the pod has, once all that was sent has come. */
  private there: ReadonlyMap<string, string> | undefined;
  private edits = 0;
  private readonly pending = new Map<number, Pending>();

  constructor(
    readonly facts: ComponentFacts,
    private readonly tree: LocalTree,
    private readonly owner: Owner,
    private readonly onEvent: (event: SyncEvent) => void,
    private readonly debug = false,
  ) {}

  /**
   * Talks to a pod until the stream ends.
   * @throws UserError where another terminal has the pod
   */
  async attach(
    pod: string,
    connect: (onMessage: (message: FromPod) => void) => Link,
  ): Promise<void> {
    let refused: Owner | undefined;
    this.pod = pod;
    const link = connect((message) => {
      if (message.type === "refused") {
        refused = message.owner;
        link.close();
      } else if (link === this.link) this.take(message);
    });
    this.link = link;
    this.there = undefined;
    this.pending.clear();
    link.send({ type: "hello", owner: this.owner });
    const why = await link.ended;
    this.link = undefined;
    if (refused) throw takenBy(this.facts.name, refused);
    this.onEvent({ type: "lost", why });
  }

  /** Whether the pod has said hello. */
  get isConnected(): boolean {
    return this.there !== undefined;
  }

  /** Brings the pod the tree as it is here. */
  push(edit?: Edit): void {
    if (!this.link || !this.there) return; // the next hello brings it
    const here = this.tree.digests();
    const { write, remove } = difference(this.there, here);
    if (write.length === 0 && remove.length === 0) return;
    const contents: Record<string, string> = {};
    for (const path of write) {
      const content = this.tree.tryRead(path);
      // A file that has changed again is the next edit's, which follows at once.
      if (content !== undefined) contents[path] = content.toString("base64");
    }
    this.edits += 1;
    this.there = here;
    this.pending.set(this.edits, {
      files: write.length + remove.length,
      tree: treeHash(here),
      savedAt: edit?.savedAt,
    });
    this.link.send({ type: "sync", edit: this.edits, write: contents, delete: remove });
  }

  /** Has the pod start its processes again. */
  restart(): void {
    if (!this.link) return;
    this.edits += 1;
    this.pending.set(this.edits, { files: 0, tree: this.tree.hash(), savedAt: Date.now() });
    this.link.send({ type: "restart", edit: this.edits });
  }

  close(): void {
    this.link?.close();
  }

  private take(message: FromPod): void {
    if (message.type === "hello") {
      this.there = new Map(Object.entries(message.files));
      const { write, remove } = difference(this.there, this.tree.digests());
      const files = write.length + remove.length;
      this.onEvent({ type: "connected", pod: this.pod, tree: message.tree, files });
      if (this.debug) this.link?.send({ type: "debug" });
      this.push();
    } else if (message.type === "synced") {
      const pending = this.pending.get(message.edit);
      // Something was written in between: what the pod has now, its hello tells.
      if (pending && pending.tree !== message.tree && message.edit === this.edits)
        this.link?.send({ type: "hello", owner: this.owner });
    } else if (message.type === "serving") {
      const pending = this.pending.get(message.edit);
      for (const edit of this.pending.keys()) if (edit <= message.edit) this.pending.delete(edit);
      if (pending === undefined) return;
      const { savedAt, files } = pending;
      const seconds = savedAt === undefined ? undefined : (Date.now() - savedAt) / 1000;
      this.onEvent({ type: "served", tree: message.tree, files, seconds });
    } else if (message.type === "broken") {
      const { type, edit: _, ...failure } = message;
      this.onEvent({ type, ...failure });
    } else if (message.type === "ended") {
      this.onEvent({ type: "ended", code: message.code });
    } else if (message.type === "debugging") {
      this.onEvent({ type: "debugging", port: message.port });
    }
  }
}

/** The error for a pod that another terminal has. */
export function takenBy(component: string, { user, host, pid }: Owner): UserError {
  return new UserError({
    what: `the ${component} is being developed already`,
    why: `by ${user} on ${host}, process ${pid}: two would undo each other's edits`,
    next: "leave it there (q), or develop on a stack of your own: npm run dev -- --stack NAME",
  });
}
