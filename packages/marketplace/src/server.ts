/** Finds plugins by their manifest and loads them into one host. */
export { openPluginHost, type PluginHostOptions, type PluginSource, pluginSource } from "./plugin-host.ts";
export { SUPPORTED_API_VERSIONS } from "./read-manifest.ts";
