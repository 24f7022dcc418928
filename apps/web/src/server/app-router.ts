import "server-only";
import path from "node:path";
import { type AppRouter, createAppRouter } from "@ballast/api";
import { openArtifactStore } from "@ballast/artifacts";
import { readEnv, requireEnv } from "@ballast/core";
import { openPluginHost } from "@ballast/marketplace/server";

let router: Promise<AppRouter> | undefined;

async function open(): Promise<AppRouter> {
  const home = requireEnv("BALLAST_HOME");
  const plugins = await openPluginHost({ folders: [path.join(requireEnv("BALLAST_ROOT"), "plugins")] });
  return createAppRouter({ artifacts: openArtifactStore(readEnv(), path.join(home, "artifacts")), plugins });
}

/**
 * The API with this process's artifact store and plugins, made at the first request so that a build needs neither. Held by the
 * module and not by `globalThis`: pages and route handlers have module instances of their own, and tRPC knows its tracked events
 * and errors by identity, so a router made by one and asked by the other streams events that no client can read.
 */
export function appRouter(): Promise<AppRouter> {
  router ??= open();
  return router;
}
