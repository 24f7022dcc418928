import type { ArtifactStore } from "@ballast/artifacts";
import type { Logger, Scope } from "@ballast/core";
import type { Duck } from "@ballast/datasets/server";
import type { Database, Tx } from "@ballast/db";
import type { PluginHost } from "@ballast/plugin-sdk";
import type { PgBoss } from "pg-boss";

/** What every loop of the worker stands on. */
export interface WorkerContext {
  db: Database;
  artifacts: ArtifactStore;
  duck: Duck;
  plugins: PluginHost;
  boss: PgBoss;
  log: Logger;
}

export interface ProjectScope extends Scope {
  actor: { type: "platform"; id: "platform"; name: "platform" };
}
export type { Tx };
