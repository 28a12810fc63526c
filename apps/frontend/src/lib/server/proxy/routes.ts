const ID = "[A-Za-z0-9_-]{1,128}";

/** Something that the page asks of the back end. */
export interface Route {
  path: RegExp;
  methods: readonly string[];
  /** An answer that the model writes: it may begin late, and comes piece by piece. */
  streams?: boolean;
}

/**
 * All that can be reached through the proxy; anything else is answered 404 there. What only this server itself
 * may ask for, such as the erasure of an account, isn't among it.
 */
export const ROUTES: readonly Route[] = [
  { path: /^chatkit$/, methods: ["POST"], streams: true },
  { path: /^chatkit\/stop$/, methods: ["POST"] },
  { path: /^ready$/, methods: ["GET"] },
  { path: /^api\/tasks$/, methods: ["GET", "POST"] },
  { path: /^api\/tasks\/(restore|complete|delete|revert|parse)$/, methods: ["POST"] },
  { path: new RegExp(`^api/tasks/${ID}$`), methods: ["GET", "PATCH", "DELETE"] },
  { path: new RegExp(`^api/tasks/${ID}/restore$`), methods: ["POST"] },
  { path: /^api\/conversations$/, methods: ["GET", "POST"] },
  { path: new RegExp(`^api/conversations/${ID}$`), methods: ["GET", "PATCH", "DELETE"] },
  { path: new RegExp(`^api/conversations/${ID}/restore$`), methods: ["POST"] },
  { path: new RegExp(`^api/conversations/${ID}/messages$`), methods: ["GET", "POST"] },
  { path: new RegExp(`^api/conversations/${ID}/messages/${ID}/revert$`), methods: ["POST"] },
  { path: new RegExp(`^api/conversations/${ID}/turn$`), methods: ["GET"] },
  { path: new RegExp(`^api/conversations/${ID}/turn/events$`), methods: ["GET"], streams: true },
];
