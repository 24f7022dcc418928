import type { ArtifactStore } from "@ballast/artifacts";
import type { Logger } from "@ballast/core";
import type { Duck, RecentLog } from "@ballast/datasets/server";
import type { Database } from "@ballast/db";
import type { PluginSource } from "@ballast/marketplace/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import type { PgBoss } from "pg-boss";

/** What every loop of the worker stands on. */
export interface WorkerContext {
  db: Database;
  artifacts: ArtifactStore;
  duck: Duck;
  recent: RecentLog;
  plugins: PluginHost;
  /** How a training thread opens the same plugins for itself. */
  pluginSource: PluginSource;
  boss: PgBoss;
  log: Logger;
}
