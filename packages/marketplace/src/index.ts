/** Plugins as the rest of the house lists them. Finding and loading them is in `./server`. */
export type { PluginHost, PluginManifest } from "@ballast/plugin-sdk";
