"use client";

import { useMemo } from "react";
import { formatDifference, formatEvidence } from "../format.ts";
import type { SeriesColor } from "../tone.ts";
import type { ChartEvent, ChartLimit, ChartSeries, SeriesPoint } from "./chart-data.ts";
import { decadeRange, evidenceRange } from "./evidence-range.ts";
import { TimeSeriesChart } from "./time-series-chart.tsx";

interface EvidenceShared {
  title: string;
  /** One sentence: the text alternative. */
  summary: string;
  unit?: string | undefined;
  events?: readonly ChartEvent[];
  height?: number;
  onOpen?: ((x: number) => void) | undefined;
}

export interface EValueEvidence extends EvidenceShared {
  kind: "e-value";
  /** One line per guard; `y` is the e-value, `x` the event time or the count of labels. */
  lines: readonly { id: string; label: string; color: SeriesColor; points: readonly SeriesPoint[] }[];
  /** The error share of the guard: the boundary stands at 1/α. */
  alpha: number;
  /** What happens there: "roll back". */
  boundaryLabel: string;
  xKind?: "time" | "number";
}

export interface SequenceEvidence extends EvidenceShared {
  kind: "confidence-sequence";
  /** `y` the estimate, `low` and `high` the anytime-valid bounds. */
  points: readonly SeriesPoint[];
  /** 1 − α of the sequence, 0 to 1. */
  confidence: number;
  /** Levels the whole band must stay on one side of. Two for "within ±". */
  margins: readonly number[];
  /** On which side of the (outer) margin harm lies. */
  harm: "above" | "below";
  color?: SeriesColor;
  /** The part of the axis to show, where the caller knows which bounds say nothing; else the later three quarters decide. */
  yRange?: readonly [low: number, high: number] | undefined;
  /** Decimals of estimate and bounds. */
  digits?: number;
  xKind?: "time" | "number";
}

/** Sequential evidence: an e-value on a log axis against 1/α, or a confidence sequence against its margin. */
export function EvidenceChart(props: EValueEvidence | SequenceEvidence) {
  return props.kind === "e-value" ? <EValueChart {...props} /> : <SequenceChart {...props} />;
}

function EValueChart({
  lines,
  alpha,
  boundaryLabel,
  title,
  summary,
  unit,
  events,
  height,
  xKind,
  onOpen,
}: EValueEvidence) {
  const boundary = 1 / alpha;
  const series = useMemo<ChartSeries[]>(
    () => lines.map((line) => ({ ...line, points: line.points.map(logSafe) })),
    [lines],
  );
  const limits = useMemo<ChartLimit[]>(
    () => [{ value: boundary, label: `${boundaryLabel} at ${formatEvidence(boundary)}` }],
    [boundary, boundaryLabel],
  );
  const harm = useMemo(() => ({ side: "above", of: boundary }) as const, [boundary]);
  const range = decadeRange([boundary, ...series.flatMap((one) => one.points.map((point) => point.y ?? 1))]);
  return (
    <TimeSeriesChart
      title={title}
      summary={summary}
      unit={unit ?? "E-value, evidence of harm (log)"}
      series={series}
      limits={limits}
      harm={harm}
      {...(events ? { events } : {})}
      yScale="log"
      yRange={range}
      format={formatEvidence}
      formatTick={plainPower}
      {...(height === undefined ? {} : { height })}
      {...(xKind ? { xKind } : {})}
      onOpen={onOpen}
    />
  );
}

/** A log axis has no place for zero; an e-value that underflowed is drawn at the foot. */
const logSafe = (point: SeriesPoint): SeriesPoint => ({
  ...point,
  y: point.y === null ? null : Math.max(point.y, 1e-12),
});

const plainPower = (value: number): string =>
  value >= 1e-3 && value < 1e5 ? value.toLocaleString("en-US", { maximumFractionDigits: 3 }) : formatEvidence(value);

function SequenceChart(props: SequenceEvidence) {
  const { points, confidence, margins, harm, color = "s2", digits = 4, title, summary, unit, events, height } = props;
  const series = useMemo<ChartSeries[]>(
    () => [
      {
        id: "estimate",
        label: "estimate",
        color,
        points,
        bandLabel: `${Number((confidence * 100).toFixed(2))}\u202f% confidence sequence`,
      },
    ],
    [points, color, confidence],
  );
  const limits = useMemo<ChartLimit[]>(
    () => margins.map((margin) => ({ value: margin, label: `margin ${formatDifference(margin, digits)}` })),
    [margins, digits],
  );
  const edge = harm === "above" ? Math.max(...margins) : Math.min(...margins);
  const harmSide = useMemo(() => ({ side: harm, of: edge }) as const, [harm, edge]);
  const format = useMemo(() => (value: number) => formatDifference(value, digits), [digits]);
  return (
    <TimeSeriesChart
      title={title}
      summary={summary}
      unit={unit ?? "difference, candidate − champion"}
      series={series}
      limits={limits}
      harm={harmSide}
      {...(events ? { events } : {})}
      yRange={props.yRange ?? evidenceRange(points, margins)}
      format={format}
      formatTick={shortDifference}
      {...(height === undefined ? {} : { height })}
      {...(props.xKind ? { xKind: props.xKind } : {})}
      onOpen={props.onOpen}
    />
  );
}

const shortDifference = (value: number): string =>
  value === 0
    ? "0"
    : formatDifference(value, Math.min(4, Math.max(2, -Math.floor(Math.log10(Math.abs(value)) + 1e-9))));
