import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { AppError } from "@ballast/core";
import type { DriftTest, Plugin, PluginHost, PluginManifest, Trainer } from "@ballast/plugin-sdk";
import { asPlugin, checkContributions } from "./check-contributions.ts";
import { containDriftTest, containTrainer } from "./contain-failures.ts";
import { readPluginFolder } from "./read-manifest.ts";

export interface PluginHostOptions {
  /** Folders whose sub-folders may be plugins, such as the checkout's `plugins`. Absolute paths. */
  folders: string[];
  /** Longest a plugin's module may take to load, milliseconds. Default 10,000. */
  loadTimeoutMs?: number;
}

/** How a worker thread opens the same plugins for itself: import `module`, call its `openPluginHost(options)`. */
export interface PluginSource {
  module: string;
  options: PluginHostOptions;
}

interface LoadedPlugin {
  manifest: PluginManifest;
  plugin: Plugin | null;
  error: string | null;
}

const DEFAULT_LOAD_TIMEOUT_MS = 10_000;

/**
 * Finds the plugins in `folders` and loads them into this process. Never throws for a plugin's sake: one that cannot be read,
 * loaded or trusted to keep its manifest's word is listed as failed, with the reason, beside the ones that work.
 */
export async function openPluginHost(options: PluginHostOptions): Promise<PluginHost> {
  const loaded: LoadedPlugin[] = [];
  for (const folder of await pluginFolders(options.folders)) {
    const plugin = await loadPlugin(folder, options.loadTimeoutMs ?? DEFAULT_LOAD_TIMEOUT_MS);
    if (plugin) loaded.push(refuseClash(plugin, loaded));
  }
  return hostOf(loaded);
}

/** What a worker thread needs to open the same host. */
export function pluginSource(options: PluginHostOptions): PluginSource {
  return { module: import.meta.url, options };
}

/** Every sub-folder, by name, so that the order of loading is the same everywhere. A folder that is absent holds none. */
async function pluginFolders(roots: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const root of roots) {
    const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((e) => e.isDirectory() || e.isSymbolicLink()).map((e) => e.name);
    for (const name of names.sort()) found.push(path.join(root, name));
  }
  return found;
}

async function loadPlugin(folder: string, timeoutMs: number): Promise<LoadedPlugin | null> {
  const reading = await readPluginFolder(folder);
  if (reading.kind === "not_a_plugin") return null;
  const { manifest } = reading;
  if (reading.kind === "refused") return { manifest, plugin: null, error: reading.error };
  try {
    const exported = await importDefault(reading.entry, timeoutMs);
    const error = checkContributions(manifest, exported);
    return { manifest, plugin: error === null ? asPlugin(exported) : null, error };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { manifest, plugin: null, error: `Its entry ${manifest.entry} could not be loaded: ${reason}` };
  }
}

async function importDefault(entry: string, timeoutMs: number): Promise<unknown> {
  const url = pathToFileURL(entry).href;
  // The path is known at run time only; a bundler must leave this import alone.
  const loading = import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish loading within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    const module = (await Promise.race([loading, late])) as { default?: unknown };
    return module.default;
  } finally {
    clearTimeout(timer);
  }
}

/** The first to bring an id keeps it: a plugin found later cannot take another's place. */
function refuseClash(candidate: LoadedPlugin, before: LoadedPlugin[]): LoadedPlugin {
  if (!candidate.plugin) return candidate;
  const fail = (error: string) => ({ ...candidate, plugin: null, error });
  const ready = before.filter((other) => other.plugin);
  const { id } = candidate.manifest;
  if (ready.some((other) => other.manifest.id === id)) return fail(`A plugin with the id ${id} is installed already.`);
  for (const key of ["trainers", "driftTests"] as const) {
    for (const item of candidate.plugin[key] ?? []) {
      const owner = ready.find((other) => (other.plugin?.[key] ?? []).some((its) => its.id === item.id));
      if (owner) return fail(`Its ${key} "${item.id}" is contributed by ${owner.manifest.id} already.`);
    }
  }
  return candidate;
}

function hostOf(loaded: LoadedPlugin[]): PluginHost {
  const trainers = new Map<string, Trainer>();
  const driftTests: { plugin: string; test: DriftTest }[] = [];
  for (const { manifest, plugin } of loaded) {
    for (const trainer of plugin?.trainers ?? []) trainers.set(trainer.id, containTrainer(manifest.id, trainer));
    for (const test of plugin?.driftTests ?? [])
      driftTests.push({ plugin: manifest.id, test: containDriftTest(manifest.id, test) });
  }
  const failed = loaded.filter((p) => p.error !== null);
  return {
    installed: () =>
      loaded.map(({ manifest, error }) => ({ manifest, state: error === null ? "ready" : "failed", error })),
    trainer(id) {
      const trainer = trainers.get(id);
      if (trainer) return trainer;
      const known = [...trainers.keys()];
      const broken = failed.find((p) => p.manifest.contributes.trainers?.some((t) => t.id === id));
      const why = broken ? ` Plugin ${broken.manifest.id}, which declares it, failed to load: ${broken.error}` : "";
      throw new AppError(
        "not_found",
        `Trainer "${id}" is not installed; there is ${known.join(", ") || "none"}.${why}`,
        {
          details: { field: "trainer", known },
        },
      );
    },
    driftTests: () => driftTests,
  };
}
