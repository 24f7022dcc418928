import "server-only";
import path from "node:path";
import { type AppRouter, createAppRouter } from "@ballast/api";
import { ArtifactStore } from "@ballast/artifacts";
import { requireEnv } from "@ballast/core";
import { openPluginHost } from "@ballast/marketplace/server";

const holder = globalThis as unknown as { ballastAppRouter?: Promise<AppRouter> };

async function open(): Promise<AppRouter> {
  const home = requireEnv("BALLAST_HOME");
  const plugins = await openPluginHost({ folders: [path.join(requireEnv("BALLAST_ROOT"), "plugins")] });
  return createAppRouter({ artifacts: new ArtifactStore(path.join(home, "artifacts")), plugins });
}

/** The API with this process's artifact store and plugins, made at the first request so that a build needs neither. */
export function appRouter(): Promise<AppRouter> {
  holder.ballastAppRouter ??= open();
  return holder.ballastAppRouter;
}
