import { getAuth } from "@/lib/server/auth";
import { serverEnv } from "@/lib/server/env";
import { trustedOrigins } from "@/lib/server/origins";
import { type ProxyDependencies, proxyRequest } from "@/lib/server/proxy";
import { TokenSource } from "@/lib/server/token";

export const dynamic = "force-dynamic";

let dependencies: ProxyDependencies | undefined;

function proxyDependencies(): ProxyDependencies {
  if (!dependencies) {
    const env = serverEnv();
    const tokens = new TokenSource(getAuth());
    dependencies = {
      backendUrl: env.backendUrl,
      trustedOrigins: trustedOrigins(env),
      authorize: (headers) => tokens.authorize(headers),
    };
  }
  return dependencies;
}

async function handle(
  request: Request,
  context: { params: Promise<{ path: string[] }> },
): Promise<Response> {
  const { path } = await context.params;
  return proxyRequest(request, path, proxyDependencies());
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST };
