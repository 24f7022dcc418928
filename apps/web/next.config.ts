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
  devIndicators: false,
} satisfies NextConfig;
