import { type Auth, TOKEN_LIFETIME_SECONDS } from "./auth";
import type { Authorization } from "./proxy/proxy";

/** A cached token is replaced this long before it expires, in milliseconds. */
const RENEW_BEFORE_MS = 2 * 60 * 1000;
const MAX_ENTRIES = 5_000;

interface Entry {
  token: string;
  renewAt: number;
}

/**
 * Turns session cookies into tokens for the back end. The session is checked in the database at
 * every call, so a revoked one stops working at once; only the signature is reused.
 */
export class TokenSource {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly auth: Pick<Auth, "api">,
    private readonly now: () => number = Date.now,
  ) {}

  /** The caller's token, or null when the session is missing or has ended. */
  async authorize(headers: Headers): Promise<Authorization | null> {
    const { response: session, headers: responseHeaders } = await this.auth.api.getSession({
      headers,
      returnHeaders: true,
    });
    if (!session) return null;
    const { id } = session.session;
    const token = await this.token(id, headers);
    return {
      userId: session.user.id,
      token,
      cookies: responseHeaders.getSetCookie(),
      discard: () => {
        // Another request may have brought a new one meanwhile.
        if (this.entries.get(id)?.token === token) this.entries.delete(id);
      },
    };
  }

  private async token(sessionId: string, headers: Headers): Promise<string> {
    const known = this.entries.get(sessionId);
    if (known && known.renewAt > this.now()) return known.token;
    const renewAt = this.now() + TOKEN_LIFETIME_SECONDS * 1000 - RENEW_BEFORE_MS;
    const { token } = await this.auth.api.getToken({ headers });
    this.prune();
    this.entries.set(sessionId, { token, renewAt });
    return token;
  }

  private prune(): void {
    if (this.entries.size < MAX_ENTRIES) return;
    const now = this.now();
    for (const [id, entry] of this.entries) if (entry.renewAt <= now) this.entries.delete(id);
    // Still full of live sessions: the oldest make room.
    for (const id of this.entries.keys()) {
      if (this.entries.size < MAX_ENTRIES) break;
      this.entries.delete(id);
    }
  }
}
