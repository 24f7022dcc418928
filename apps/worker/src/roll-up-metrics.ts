import { buildPyramids } from "@ballast/experiments/server";
import type { WorkerContext } from "./context.ts";

/** Rolls long metric histories up for charts, as far as there is anything to roll up. */
export async function rollUpMetrics(context: WorkerContext, signal: AbortSignal): Promise<void> {
  const failed = (series: number, error: unknown) => context.log.error("metric not rolled up", { series, error });
  while (!signal.aborted && (await buildPyramids(context.db, failed)));
}
