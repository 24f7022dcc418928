import type { Plugin, PluginManifest } from "@ballast/plugin-sdk";

/** A contribution point: its key in manifest and module, and what each item must be able to do. */
const POINTS = [
  { key: "trainers", methods: ["estimate", "train"] },
  { key: "driftTests", methods: ["run"] },
] as const;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/**
 * Compares what the module exports with what its manifest promised: same ids on both sides, every method there. Answers what is
 * wrong, in words; null when nothing is. Nothing undeclared is taken, so a person who read the manifest knows what was installed.
 */
export function checkContributions(manifest: PluginManifest, exported: unknown): string | null {
  if (!isRecord(exported)) return "Its entry module has no default export; export definePlugin({ … }) as default.";
  for (const { key, methods } of POINTS) {
    const items = exported[key] ?? [];
    if (!Array.isArray(items)) return `${key} is not an array.`;
    const problem = checkItems(key, methods, items);
    if (problem) return problem;
    const ids = items.map((item: { id: string }) => item.id);
    const declared = (manifest.contributes[key] ?? []).map((item) => item.id);
    const missing = declared.find((id) => !ids.includes(id));
    if (missing) return `The manifest declares ${key} "${missing}", but the module does not export it.`;
    const undeclared = ids.find((id) => !declared.includes(id));
    if (undeclared) return `The module exports ${key} "${undeclared}", which the manifest does not declare.`;
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice) return `The module exports ${key} "${twice}" twice.`;
  }
  return null;
}

function checkItems(key: string, methods: readonly string[], items: unknown[]): string | null {
  for (const [i, item] of items.entries()) {
    if (!isRecord(item) || typeof item.id !== "string") return `${key}[${i}] has no id.`;
    const missing = methods.find((method) => typeof item[method] !== "function");
    if (missing) return `${key} "${item.id}" has no function ${missing}.`;
  }
  return null;
}

/** Narrows an export that {@link checkContributions} found nothing wrong with. */
export function asPlugin(exported: unknown): Plugin {
  return exported as Plugin;
}
