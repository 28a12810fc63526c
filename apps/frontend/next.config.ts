import type { NextConfig } from "next";
import {
  API_CONTENT_SECURITY_POLICY,
  COMMON_SECURITY_HEADERS,
} from "./src/lib/server/security-headers";

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  // Nothing here resizes images, so the native image library stays out of the deployment.
  images: { unoptimized: true },
  outputFileTracingExcludes: { "*": ["node_modules/@img/**", "node_modules/sharp/**"] },
  poweredByHeader: false,
  reactStrictMode: true,
  // What depends on the environment (the pages' policy, HSTS) is added in src/proxy.ts.
  headers: async () => [
    {
      source: "/:path*",
      headers: Object.entries(COMMON_SECURITY_HEADERS).map(([key, value]) => ({ key, value })),
    },
    {
      source: "/api/:path*",
      headers: [{ key: "content-security-policy", value: API_CONTENT_SECURITY_POLICY }],
    },
  ],
};

export default config;
