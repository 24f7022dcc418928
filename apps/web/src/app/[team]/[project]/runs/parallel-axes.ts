import { metricWords, orderMetrics, plainNumber } from "../../../../page/metric-words.ts";

interface Measured {
  id: string;
  params: Readonly<Record<string, string | number | boolean>>;
  metrics: Readonly<Record<string, number>>;
}

export interface ParallelAxis {
  id: string;
  label: string;
  /** Value at the top and at the bottom: the better end is on top. */
  top: number;
  bottom: number;
  text: (value: number) => string;
  valueOf: (run: Measured) => number | undefined;
}

/** Axes that fit side by side and still part the lines. */
const MOST_AXES = 8;
const FIRST_METRICS = ["cost_micros", "rows_train", "calibration_gap", "brier_skill", "auc", "rmse", "brier"];

/** Numeric parameters that vary, then metrics, the most asked-for last so that the eye ends there. Axes of one value say nothing. */
export function parallelAxes(runs: readonly Measured[]): ParallelAxis[] {
  const paramNames = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  const params = paramNames.flatMap((name) =>
    axis(`param:${name}`, name, plainNumber, null, runs, ({ params }) => {
      const value = params[name];
      return typeof value === "number" ? value : undefined;
    }),
  );
  const logged = orderMetrics(runs.flatMap((run) => Object.keys(run.metrics)));
  const known = FIRST_METRICS.filter((name) => logged.includes(name));
  const names = known.length > 0 ? known : logged.slice(0, MOST_AXES);
  const metrics = names.flatMap((name) => {
    const { label, text, better } = metricWords(name);
    return axis(`metric:${name}`, label.split(",")[0] ?? label, text, better, runs, ({ metrics }) => metrics[name]);
  });
  const space = Math.max(0, MOST_AXES - metrics.length);
  return [...params.slice(0, space), ...metrics].slice(-MOST_AXES);
}

function axis(
  id: string,
  label: string,
  text: (value: number) => string,
  better: "lower" | "higher" | null,
  runs: readonly Measured[],
  read: ParallelAxis["valueOf"],
): ParallelAxis[] {
  const values = runs.map(read).filter((value): value is number => value !== undefined);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length < 2 || low === high) return [];
  const [top, bottom] = better === "lower" ? [low, high] : [high, low];
  return [{ id, label, top, bottom, text, valueOf: read }];
}

/** Where a value lies on its axis: 0 at the top, 1 at the bottom; undefined where the run has none. */
export function axisPosition(one: ParallelAxis, run: Measured): number | undefined {
  const value = one.valueOf(run);
  return value === undefined ? undefined : (one.top - value) / (one.top - one.bottom);
}
