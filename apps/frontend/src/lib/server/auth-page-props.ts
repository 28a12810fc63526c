import type { IncomingMessage } from "node:http";
import type { GetServerSideProps } from "next";
import type { AuthMode } from "@/components/auth/auth-form";
import type { AuthPageProps } from "@/components/auth/auth-page";
import { getAuth } from "./auth";
import { answerAuthPage } from "./auth-page";
import { serverEnv } from "./env";
import { trustedOrigins } from "./origins";
import { NONCE_HEADER } from "./security-headers";

/** Largest form that is read, in bytes. */
const MAX_FORM_BYTES = 16 * 1024;

/** The server's side of one of the sign-in pages. */
export function authPageProps(mode: AuthMode): GetServerSideProps<AuthPageProps> {
  return async ({ req, res }) => {
    const env = serverEnv();
    const request = await toRequest(req, env.publicUrl);
    const answer = await answerAuthPage(mode, request, {
      auth: getAuth(),
      publicUrl: env.publicUrl,
      trustedOrigins: trustedOrigins(env),
    });
    if ("redirect" in answer) {
      res.appendHeader("set-cookie", answer.cookies);
      return { redirect: { destination: answer.redirect, statusCode: 303 } };
    }
    res.statusCode = answer.status;
    return { props: { ...answer.props, nonce: request.headers.get(NONCE_HEADER) ?? "" } };
  };
}

async function toRequest(message: IncomingMessage, base: string): Promise<Request> {
  const { method = "GET", url = "/" } = message;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return new Request(new URL(url, base), {
    method,
    headers,
    ...(method === "POST" ? { body: await read(message) } : {}),
  });
}

/** The body; nothing of one that is larger than any form filled in here. */
async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_FORM_BYTES) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
