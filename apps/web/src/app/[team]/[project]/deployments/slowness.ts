import { formatCount, formatDay, formatLatency } from "@ballast/ui";

interface Day {
  from: Date;
  tally: { predictions: number; p99Ms: number; versions: Record<string, { overSlo: number }> };
}

/** Said when a day's p99 is over the deployment's objective; null where it is not. */
export function slownessOf({ from, tally }: Day, sloMs: number): string | null {
  const { predictions, p99Ms, versions } = tally;
  if (p99Ms <= sloMs) return null;
  const over = Object.values(versions).reduce((sum, version) => sum + version.overSlo, 0);
  return `On ${formatDay(from)} p99 was ${formatLatency(p99Ms)} against an objective of ${sloMs} ms: ${formatCount(over)} of ${formatCount(predictions)} answers took longer.`;
}
