import type { RunLine, SeriesColor } from "@ballast/ui";
import { loggedNumber, type RunChart } from "../tracking.ts";
import type { AxisChoice } from "./compare-state.ts";

export interface ChartedRun {
  id: string;
  label: string;
  color: SeriesColor;
  dash: RunLine["dash"];
  /** Epoch ms. */
  startedAt: number;
}

const numberOf = (value: number | string | null | undefined): number => loggedNumber(value) ?? Number.NaN;

/** Charts of one metric as lines over the chosen axis, in the order of the runs. Runs without the metric have none. */
export function chartLines(
  runs: readonly ChartedRun[],
  charts: readonly RunChart[],
  axis: AxisChoice,
  /** The charts of the metric on the axis, where one is. */
  along: readonly RunChart[] | undefined,
): RunLine[] {
  const byRun = new Map(charts.map((chart) => [chart.runId, chart]));
  const alongRun = new Map((along ?? []).map((chart) => [chart.runId, chart]));
  return runs.flatMap((run) => {
    const chart = byRun.get(run.id);
    if (!chart || chart.steps.length === 0) return [];
    const x = positions(chart, axis, run, alongRun.get(run.id));
    const order = x.map((_, index) => index).filter((index) => Number.isFinite(x[index]));
    // Steps ascend; times and metrics need not.
    if (axis !== "step") order.sort((a, b) => (x[a] as number) - (x[b] as number));
    const pick = <T>(values: readonly T[]): T[] => order.map((index) => values[index] as T);
    return [
      {
        id: run.id,
        label: run.label,
        color: run.color,
        dash: run.dash,
        exact: chart.exact,
        x: pick(x),
        y: pick(chart.last).map(numberOf),
        low: pick(chart.least).map(numberOf),
        high: pick(chart.greatest).map(numberOf),
      },
    ];
  });
}

function positions(chart: RunChart, axis: AxisChoice, run: ChartedRun, along: RunChart | undefined): number[] {
  switch (axis) {
    case "step":
      return chart.steps;
    case "time":
      return chart.at;
    case "relative":
      return chart.at.map((at) => at - run.startedAt);
    default:
      return along ? valuesAtSteps(chart.steps, along) : chart.steps.map(() => Number.NaN);
  }
}

/**
 * What another metric said last at or before each step; NaN before its first. Both ascend. A position of a metric that is not given
 * point by point stands for the steps up to it, so those within the first one's width are its own.
 */
export function valuesAtSteps(steps: readonly number[], along: Pick<RunChart, "steps" | "last" | "exact">): number[] {
  const [first = 0, second = first] = along.steps;
  const begins = along.exact ? first : first - (second - first);
  let next = 0;
  return steps.map((step) => {
    while (next < along.steps.length && (along.steps[next] as number) <= step) next += 1;
    return next === 0 && !(step > begins) ? Number.NaN : numberOf(along.last[Math.max(0, next - 1)]);
  });
}

/**
 * The steps to ask for so that a range of any axis is covered: read off what is drawn already, one position beyond each end.
 * Undefined where nothing drawn lies near it.
 */
export function stepsOfRange(
  charts: readonly RunChart[],
  lines: readonly RunLine[],
  axis: AxisChoice,
  range: readonly [number, number],
): [from: number, to: number] | undefined {
  if (axis === "step") return [Math.floor(range[0]), Math.ceil(range[1])];
  const byRun = new Map(charts.map((chart) => [chart.runId, chart.steps]));
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    const steps = byRun.get(line.id);
    if (!steps || steps.length !== line.x.length) continue;
    const first = line.x.findIndex((x) => x >= range[0]);
    const last = line.x.findLastIndex((x) => x <= range[1]);
    if (first < 0 || last < 0) continue;
    from = Math.min(from, steps[Math.max(0, first - 1)] as number);
    to = Math.max(to, steps[Math.min(steps.length - 1, last + 1)] as number);
  }
  return from <= to ? [from, to] : undefined;
}
