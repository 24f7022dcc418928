import path from "node:path";
import type { NextConfig } from "next";

export default {
  turbopack: { root: path.join(import.meta.dirname, "../..") },
  // Workspace packages are TypeScript sources; the design system is one of them.
  transpilePackages: [
    ...["api", "artifacts", "core", "datasets", "db", "delivery", "experiments", "features", "finops", "governance"],
    ...["marketplace", "monitoring", "onnx", "plugin-sdk", "registry", "statistics", "training", "ui"],
  ].map((name) => `@ballast/${name}`),
  serverExternalPackages: ["@duckdb/node-api", "@node-rs/argon2", "onnxruntime-node", "postgres"],
  // Types are checked by `npm test`; a start need not check them again.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  poweredByHeader: false,
  // Nobody puts these pages into a frame of theirs, where a click could be led astray.
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "X-Frame-Options", value: "DENY" },
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "Referrer-Policy", value: "same-origin" },
      ],
    },
  ],
  devIndicators: false,
} satisfies NextConfig;
