import { readFile } from "node:fs/promises";
import path from "node:path";
import { PLUGIN_API_VERSION, type PluginManifest, pluginManifestSchema } from "@ballast/plugin-sdk";

/** API versions this host accepts: the present major and the one before it. */
export const SUPPORTED_API_VERSIONS: readonly number[] = [PLUGIN_API_VERSION - 1, PLUGIN_API_VERSION].filter(
  (v) => v >= 1,
);

/** What a plugin's folder said of itself before any of its code ran. */
export type ManifestReading =
  | { kind: "not_a_plugin" }
  | { kind: "refused"; manifest: PluginManifest; error: string }
  | { kind: "accepted"; manifest: PluginManifest; entry: string };

/** Stands in for a manifest that cannot be read, so that the plugin is listed with its error and not silently absent. */
function placeholder(folder: string): PluginManifest {
  const name = path.basename(folder);
  return { schemaVersion: 1, id: `unreadable.${name}`, title: name, apiVersion: 0, entry: "", contributes: {} };
}

/** The API version of a manifest that need not be valid otherwise; null where there is none. */
function apiVersionOf(raw: unknown): number | null {
  const version = typeof raw === "object" && raw !== null && "apiVersion" in raw ? raw.apiVersion : null;
  return typeof version === "number" ? version : null;
}

/** Judges the value of `ballast` in a package.json. Pure; runs before any import of the plugin. */
function readManifest(raw: unknown, folder: string): ManifestReading {
  // The version first: a newer manifest may hold keys this host cannot know, and "unknown key" would misname the reason.
  const version = apiVersionOf(raw);
  const parsed = pluginManifestSchema.safeParse(raw);
  const shown = parsed.success ? parsed.data : placeholder(folder);
  if (version !== null && !SUPPORTED_API_VERSIONS.includes(version)) {
    const error = `It is written for plugin API ${version}; this platform supports ${SUPPORTED_API_VERSIONS.join(" and ")}. Install a release for one of them.`;
    return { kind: "refused", manifest: { ...shown, apiVersion: version }, error };
  }
  if (!parsed.success) {
    const issues = parsed.error.issues.map((i) => `${["ballast", ...i.path].join(".")}: ${i.message}`);
    return {
      kind: "refused",
      manifest: shown,
      error: `package.json is not a valid plugin manifest. ${issues.join(" ")}`,
    };
  }
  const entry = path.resolve(folder, parsed.data.entry);
  if (!entry.startsWith(path.resolve(folder) + path.sep)) {
    const error = `ballast.entry "${parsed.data.entry}" leads out of the plugin's folder; name a file inside it.`;
    return { kind: "refused", manifest: parsed.data, error };
  }
  return { kind: "accepted", manifest: parsed.data, entry };
}

/** Reads a folder's package.json; a package without the key `ballast` is no plugin. */
export async function readPluginFolder(folder: string): Promise<ManifestReading> {
  let text: string;
  try {
    text = await readFile(path.join(folder, "package.json"), "utf8");
  } catch {
    return { kind: "not_a_plugin" };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "refused", manifest: placeholder(folder), error: `package.json is not JSON: ${reason}` };
  }
  if (typeof json !== "object" || json === null || !("ballast" in json)) return { kind: "not_a_plugin" };
  return readManifest(json.ballast, folder);
}
