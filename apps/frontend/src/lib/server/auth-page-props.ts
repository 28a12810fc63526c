import type { IncomingMessage } from "node:http";
import type { GetServerSideProps } from "next";
import type { AuthMode } from "@/components/auth/auth-form";
import type { AuthPageProps } from "@/components/auth/auth-page";
import { getAuth } from "./auth";
import { answerAuthPage, MAX_FORM_LENGTH } from "./auth-page";
import { serverEnv } from "./env";
import { trustedOrigins } from "./origins";
import { NONCE_HEADER } from "./security-headers";

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

/** The body, or of one that is too long the beginning: enough to see that it is. */
async function read(message: IncomingMessage): Promise<string> {
  let text = "";
  message.setEncoding("utf8");
  // To its end in any case: a browser that is still sending wouldn't see the answer.
  for await (const chunk of message as AsyncIterable<string>) {
    if (text.length <= MAX_FORM_LENGTH) text += chunk;
  }
  return text;
}
