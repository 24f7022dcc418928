/**
 * The mean of a day's value over the days on which it is known, each weighted by its rows. A day without a value is left out,
 * its rows too: it is no zero. Undefined where no day has one.
 */
export function weightedMean<Day extends { n: number }>(
  days: readonly Day[],
  value: (day: Day) => number | null,
): { mean: number; n: number; days: number } | undefined {
  const known = days.flatMap((day) => {
    const at = value(day);
    return at === null ? [] : [{ n: day.n, at }];
  });
  const n = known.reduce((sum, day) => sum + day.n, 0);
  if (n === 0) return undefined;
  return { mean: known.reduce((sum, day) => sum + day.n * day.at, 0) / n, n, days: known.length };
}
