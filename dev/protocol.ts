/** What the terminal and a pod's supervisor say to each other: one JSON object a line. */

/** Whose terminal it is. */
export interface Owner {
  user: string;
  host: string;
  pid: number;
}

export type ToPod =
  | { type: "hello"; owner: Owner }
  | {
      type: "sync";
      /** Number of the edit, which the answers repeat. */
      edit: number;
      /** Contents, base64, by path. */
      write: Record<string, string>;
      delete: string[];
    }
  | { type: "restart"; edit: number }
  /** Let a debugger attach, from the next process on. */
  | { type: "debug" }
  | { type: "ping" };

export type FromPod =
  | {
      type: "hello";
      /** Hash of each file in the pod, by path. */
      files: Record<string, string>;
      tree: string;
      /** The tree that is served; null where nothing is. */
      serving: string | null;
    }
  | { type: "refused"; owner: Owner }
  | { type: "synced"; edit: number; tree: string }
  | { type: "serving"; edit: number; tree: string; seconds: number }
  | ({ type: "broken"; edit: number; serves: boolean } & Failure)
  | { type: "ended"; code: number }
  /** A debugger can attach at this port of the pod's loopback. */
  | { type: "debugging"; port: number };

/** Why an edit isn't served. */
export interface Failure {
  error: string;
  /** Where in the tree, as far as is known. */
  file?: string;
  line?: number;
  traceback?: string;
}
