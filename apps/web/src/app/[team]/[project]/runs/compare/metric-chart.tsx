"use client";

import { formatCount, Note, RunLinesChart, SkeletonRows } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { metricWords } from "@/page/metric-words";
import { requestIdOf } from "@/page/request-id";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { axisOf } from "./axis-words";
import { type ChartedRun, chartLines, stepsOfRange } from "./chart-lines";
import type { AxisChoice } from "./compare-state";
import { SingleValues } from "./single-values";
import { useInView } from "./use-in-view";

const HEIGHT = 240;
const WATCH_MS = 4_000;
const MOST_STEP = Number.MAX_SAFE_INTEGER;

/** Positions per line: as many as a chart is wide, fewer where many lines overlap anyway. */
const bucketsFor = (runs: number): number => (runs <= 10 ? 500 : runs <= 40 ? 250 : 150);

export interface MetricChartProps {
  metric: string;
  runs: readonly ChartedRun[];
  axis: AxisChoice;
  xLog: boolean;
  yLog: boolean;
  smoothing: number;
  range: readonly [number, number] | undefined;
  onRange: (range: readonly [number, number] | undefined) => void;
  /** Runs go on logging: look again. */
  live: boolean;
  hideLegend?: boolean;
}

/** One metric of some runs. The whole is read once; a range that somebody zooms to is read again in finer steps. */
export function MetricChart({ metric, runs, axis, range, live, onRange, ...look }: MetricChartProps) {
  const [ref, seen] = useInView<HTMLDivElement>();
  const words = metricWords(metric);
  const { lines, once, error, pending } = useMetricLines({ metric, runs, axis, range, live, enabled: seen });
  const { axis: lineAxis, label } = axisOf(axis);
  return (
    <div ref={ref} className="compare-chart" data-metric={metric}>
      {error ? (
        <Note tone="warning">
          {words.label} could not be read. {error.message}{" "}
          {requestIdOf(error) ? <>Request {requestIdOf(error)}.</> : null}
        </Note>
      ) : null}
      {lines === undefined ? (
        <div style={{ minHeight: HEIGHT + 60 }}>
          {pending ? <SkeletonRows count={6} label={`Loading ${words.label}`} /> : null}
        </div>
      ) : once ? (
        <SingleValues label={words.label} lines={once} format={words.text} />
      ) : (
        <RunLinesChart
          title={words.label}
          unit={words.label}
          summary={`${words.label} of ${formatCount(lines.length)} ${lines.length === 1 ? "run" : "runs"} over ${label}.`}
          lines={lines}
          axis={lineAxis}
          axisLabel={label}
          format={words.text}
          range={range}
          onRange={onRange}
          height={HEIGHT}
          hideLegend={look.hideLegend ?? true}
          xLog={look.xLog}
          yLog={look.yLog}
          smoothing={look.smoothing}
        />
      )}
    </div>
  );
}

function useMetricLines({
  metric,
  runs,
  axis,
  range,
  live,
  enabled,
}: Pick<MetricChartProps, "metric" | "runs" | "axis" | "range" | "live"> & { enabled: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const along = axis.startsWith("metric:") ? axis.slice("metric:".length) : undefined;
  const runIds = runs.map(({ id }) => id);
  const buckets = bucketsFor(runs.length);
  const refetchInterval = live ? WATCH_MS : (false as const);
  const ask = (key: string, steps?: readonly [number, number]) =>
    trpc.experiment.chart.queryOptions(
      { ...scope, runIds, key, buckets, ...(steps ? { from: steps[0], to: steps[1] } : {}) },
      { enabled: enabled && runIds.length > 0, refetchInterval, placeholderData: keepPreviousData },
    );
  const whole = useQuery(ask(metric));
  const wholeAlong = useQuery({ ...ask(along ?? metric), enabled: enabled && along !== undefined });
  const wholeLines = useMemo(
    () => (whole.data && (!along || wholeAlong.data) ? chartLines(runs, whole.data, axis, wholeAlong.data) : undefined),
    [whole.data, wholeAlong.data, along, runs, axis],
  );
  const steps = useMemo(() => {
    const found = range && whole.data && wholeLines && stepsOfRange(whole.data, wholeLines, axis, range);
    return found?.every((step) => Math.abs(step) <= MOST_STEP) ? found : undefined;
  }, [range, whole.data, wholeLines, axis]);
  // Where every point is drawn already, a zoom has nothing to ask for.
  const coarse = whole.data?.some((chart) => !chart.exact) ?? false;
  const zoomed = useQuery({ ...ask(metric, steps), enabled: enabled && steps !== undefined && coarse });
  const zoomedAlong = useQuery({
    ...ask(along ?? metric, steps),
    enabled: enabled && steps !== undefined && coarse && along !== undefined,
  });
  const fine = steps && coarse && !zoomed.isPlaceholderData ? zoomed.data : undefined;
  const fineAlong = zoomedAlong.isPlaceholderData ? undefined : zoomedAlong.data;
  const lines = useMemo(
    () => (fine && (!along || fineAlong) ? chartLines(runs, fine, axis, fineAlong) : wholeLines),
    [fine, fineAlong, along, runs, axis, wholeLines],
  );
  // A range of the axis says nothing of values that each run has one of.
  const single = wholeLines && wholeLines.length > 0 && wholeLines.every(({ x }) => x.length === 1);
  return { lines, once: single ? wholeLines : undefined, error: whole.error ?? zoomed.error, pending: whole.isPending };
}
