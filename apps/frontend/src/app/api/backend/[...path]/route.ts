import { authorize } from "@/lib/server/authorize";
import { serverEnv } from "@/lib/server/env";
import { trustedOrigins } from "@/lib/server/origins";
import { type ProxyDependencies, proxyRequest } from "@/lib/server/proxy/proxy";

export const dynamic = "force-dynamic";

let dependencies: ProxyDependencies | undefined;

function proxyDependencies(): ProxyDependencies {
  if (!dependencies) {
    const env = serverEnv();
    dependencies = {
      backendUrl: env.backendUrl,
      trustedOrigins: trustedOrigins(env),
      authorize,
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
