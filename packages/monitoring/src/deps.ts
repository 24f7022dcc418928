import type { LogDeps } from "@ballast/datasets/server";
import type { PluginHost } from "@ballast/plugin-sdk";

/** What monitoring needs: the database, artifacts, DuckDB, and the plugins that bring the drift tests. */
export interface MonitoringDeps extends LogDeps {
  plugins: Pick<PluginHost, "driftTests">;
}
