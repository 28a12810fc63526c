import type { NextConfig } from "next";
import {
  API_CONTENT_SECURITY_POLICY,
  COMMON_SECURITY_HEADERS,
} from "./src/lib/server/security-headers";

/** Hosts under which people open the site. The development server refuses its scripts to any other. */
function publicHosts(): string[] {
  const { BETTER_AUTH_URL = "", TRUSTED_ORIGINS = "" } = process.env;
  return [BETTER_AUTH_URL, ...TRUSTED_ORIGINS.split(",")].flatMap(
    (origin) => URL.parse(origin.trim())?.hostname ?? [],
  );
}

const config: NextConfig = {
  allowedDevOrigins: publicHosts(),
  // The image's build names itself after its sources; any other has a random name.
  generateBuildId: () => process.env.BUILD_ID ?? null,
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  // Nothing here resizes images, so the native image library stays out of the deployment.
  images: { unoptimized: true },
  outputFileTracingExcludes: { "*": ["node_modules/@img/**", "node_modules/sharp/**"] },
  experimental: {
    // What src/proxy.ts is run for is kept in memory up to here, ten megabytes by default: a few large
    // requests at once would be the end of the process. Twice what a form may have.
    proxyClientMaxBodySize: "32kb",
  },
  poweredByHeader: false,
  reactStrictMode: true,
  // What depends on the environment (the pages' policy, HSTS) is added in src/proxy.ts.
  headers: async () => [
    {
      // Files that are only ever loaded by a page are covered by the page's headers.
      source: "/((?!_next/static/).*)",
      headers: Object.entries(COMMON_SECURITY_HEADERS).map(([key, value]) => ({ key, value })),
    },
    {
      source: "/_next/static/:path*",
      headers: [{ key: "x-content-type-options", value: "nosniff" }],
    },
    {
      source: "/api/:path*",
      headers: [{ key: "content-security-policy", value: API_CONTENT_SECURITY_POLICY }],
    },
  ],
};

export default config;
