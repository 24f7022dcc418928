import path from "node:path";
import type { PluginHost } from "@ballast/plugin-sdk";

const packages = path.join(import.meta.dirname, "..", "..");

/** For tests: the plugins of the checkout, opened by address, for this package stands below the one that holds the host. */
export async function openPlugins(): Promise<PluginHost> {
  const module = (await import(path.join(packages, "marketplace", "src", "plugin-host.ts"))) as {
    openPluginHost(options: { folders: string[] }): Promise<PluginHost>;
  };
  return module.openPluginHost({ folders: [path.join(packages, "..", "plugins")] });
}
