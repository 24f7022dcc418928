import { z } from "zod";

/** The SDK's major version. A host accepts a plugin only if it supports the plugin's `apiVersion`. */
export const PLUGIN_API_VERSION = 1;

const contribution = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: z.string().min(1),
});

/**
 * The manifest a plugin carries in its `package.json` under the key `ballast`.
 * Unknown keys are refused, so that a misspelt permission never passes silently.
 */
export const pluginManifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** `publisher.name`, immutable over the plugin's life. */
  id: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/),
  title: z.string().min(1),
  apiVersion: z.int(),
  /** Path of the module, relative to the package, whose default export is a {@link Plugin}. */
  entry: z.string().min(1),
  contributes: z.strictObject({
    trainers: z.array(contribution).optional(),
    driftTests: z.array(contribution).optional(),
  }),
  limits: z.strictObject({ memoryMb: z.int().positive(), timeoutMs: z.int().positive() }).optional(),
});
export type PluginManifest = z.infer<typeof pluginManifestSchema>;
