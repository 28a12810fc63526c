import type { GenericEndpointContext } from "better-auth";
import { symmetricDecrypt } from "better-auth/crypto";
import type { Jwk } from "better-auth/plugins";

/**
 * All signing keys, of which those that were encrypted under another BETTER_AUTH_SECRET count as expired:
 * this process signs with the newest that it can read, or makes one, while every public key stays
 * published. So replicas with the old and the new secret serve side by side while a rotation rolls out,
 * and tokens that were signed before it are good until they end.
 */
export async function signingKeys(context: GenericEndpointContext): Promise<Jwk[]> {
  const keys = await context.context.adapter.findMany<Jwk>({ model: "jwks" });
  const justExpired = new Date(Date.now() - 1);
  return Promise.all(
    keys.map(async (key) =>
      (await isReadable(key, context)) ? key : { ...key, expiresAt: justExpired },
    ),
  );
}

async function isReadable({ privateKey }: Jwk, { context }: GenericEndpointContext) {
  try {
    await symmetricDecrypt({ key: context.secretConfig, data: JSON.parse(privateKey) });
    return true;
  } catch {
    return false;
  }
}
