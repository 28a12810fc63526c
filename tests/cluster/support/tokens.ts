import { createHmac } from "node:crypto";
import type { Client } from "./client";

const LIFETIME_SECONDS = 60;

/** A token as the back end gives it to its own assistant, for the MCP server only, in the name of a user. */
export async function agentToken(user: Client, jwtSecret: string): Promise<string> {
  const session = await user.request("/api/auth/get-session");
  const { user: who } = (await session.json()) as { user: { id: string } };
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ sub: who.id, iss: "todo-backend", aud: "mcp" },
    ...{ iat: now, exp: now + LIFETIME_SECONDS },
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${body}.${createHmac("sha256", jwtSecret).update(body).digest("base64url")}`;
}
