/** Metrics that only count what the others are drawn over. */
const COUNTER = /(^|[/_])(epoch|step|iteration)s?$/;

/** True for a metric that only counts: a step, an epoch. */
export const isCounter = (key: string): boolean => COUNTER.test(key);

/** Keys that have a history in front, counters behind them, single values last: these say nothing over steps. */
export function historiesFirst(keys: readonly string[], hasHistory: (key: string) => boolean): string[] {
  const rank = (key: string): number => (hasHistory(key) ? (isCounter(key) ? 1 : 0) : 2);
  return keys
    .map((key) => ({ key, at: rank(key) }))
    .sort((a, b) => a.at - b.at)
    .map(({ key }) => key);
}

/** What tells a history from a single value; a run's own page knows the points, a search the last step and the range. */
interface Logged {
  metrics: object;
  series?: readonly { key: string; received: number }[];
}
interface Summary {
  least?: unknown;
  greatest?: unknown;
  lastStep?: number | null;
}

/** Whether any of the runs logged a metric more than once. */
export function isHistory(runs: readonly Logged[], key: string): boolean {
  return runs.some(({ metrics, series }) => {
    if (series) return series.some((one) => one.key === key && one.received > 1);
    const found = (metrics as Record<string, Summary | undefined>)[key];
    return found !== undefined && (Boolean(found.lastStep) || found.least !== found.greatest);
  });
}
