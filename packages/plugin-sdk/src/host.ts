import type { DriftTest } from "./drift-test.ts";
import type { PluginManifest } from "./manifest.ts";
import type { Trainer } from "./trainer.ts";

/** What a domain sees of plugins. How they are found, loaded and kept apart is the host's own affair. */
export interface PluginHost {
  installed(): { manifest: PluginManifest; state: "ready" | "failed"; error: string | null }[];
  /** Throws `not_found`, listing the ids there are, if no ready plugin contributes the trainer. */
  trainer(id: string): Trainer;
  driftTests(): { plugin: string; test: DriftTest }[];
}
