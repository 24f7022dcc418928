"use client";

import { type ChartSeries, formatCount, formatShare, Panel, PanelBody, Segmented, TimeSeriesChart } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import type { Performance } from "./monitoring-data";

const views = [
  { value: "days", label: "Per day" },
  { value: "reliability", label: "By probability" },
] as const;

/** What the champion predicted against what happened: per day, or by probability. */
export function Calibration({ name, range }: { name: string; range: { from?: string } }) {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.monitoring.performance.queryOptions(
      { ...scope, deployment: name, range },
      { placeholderData: keepPreviousData },
    ),
  );
  const view = params.get("calibration") === "reliability" ? "reliability" : "days";
  return (
    <Panel
      title="Calibration"
      note="predicted against realised"
      actions={
        <Segmented label="View" options={views} value={view} onChange={(value) => set({ calibration: value })} />
      }
    >
      <QueryView query={query} what="rates">
        {(performance) => (
          <PanelBody>
            {view === "days" ? <PerDay performance={performance} /> : <ByProbability performance={performance} />}
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}

const share = (value: number): string => formatShare(value, 1);
const shareTick = (value: number): string => formatShare(value, 0);
const NOT_YET = "Drawn when the outcomes of the first day have matured, one event day after it ends.";

function PerDay({ performance }: { performance: Performance }) {
  const days = useMemo(
    () =>
      performance.series
        .flatMap((one) => one.days.filter((day) => day.champion))
        .sort((a, b) => a.day.localeCompare(b.day)),
    [performance],
  );
  const series = useMemo<ChartSeries[]>(
    () => [
      {
        id: "predicted",
        label: "predicted",
        color: "s1",
        points: days.map((day) => ({ x: Date.parse(day.day), y: day.meanPrediction, n: day.scored })),
      },
      {
        id: "realised",
        label: "realised",
        color: "ink",
        points: days.map((day) => ({ x: Date.parse(day.day), y: day.meanOutcome, n: day.n })),
      },
    ],
    [days],
  );
  if (days.length === 0) return <p className="muted small">{NOT_YET}</p>;
  const labelled = days.reduce((sum, day) => sum + day.n, 0);
  const scored = days.reduce((sum, day) => sum + day.scored, 0);
  return (
    <>
      <TimeSeriesChart
        title="Predicted and realised rate per day"
        summary={`Mean prediction and realised rate of the champion on ${days.length} matured days.`}
        unit="share of rows with the outcome, per day"
        series={series}
        format={share}
        formatTick={shareTick}
      />
      <p className="muted small mt-2">
        {formatCount(labelled)} of {formatCount(scored)} scored rows have a label (
        {formatShare(labelled / Math.max(1, scored))}).
      </p>
    </>
  );
}

function ByProbability({ performance }: { performance: Performance }) {
  // The version that was champion most recently: probabilities of different versions do not belong in one curve.
  const champion = performance.series
    .filter(({ days }) => days.some((day) => day.champion))
    .sort((a, b) =>
      (a.days.findLast((day) => day.champion)?.day ?? "").localeCompare(
        b.days.findLast((day) => day.champion)?.day ?? "",
      ),
    )
    .at(-1);
  const series = useMemo<ChartSeries[]>(() => {
    if (!champion) return [];
    const highest = Math.max(0.1, ...champion.reliability.map(({ p }) => p));
    return [
      {
        id: "realised",
        label: `v${champion.version}, realised`,
        color: "ink",
        points: champion.reliability.map(({ p, y, n }) => ({ x: Number(p.toFixed(4)), y, n })),
      },
      {
        id: "perfect",
        label: "perfect",
        color: "s8",
        style: "dashed",
        points: [
          { x: 0, y: 0 },
          { x: highest, y: highest },
        ],
      },
    ];
  }, [champion]);
  if (!champion) return <p className="muted small">{NOT_YET}</p>;
  return (
    <TimeSeriesChart
      title="Realised rate by predicted probability"
      summary={`Version ${champion.version} in tenths of predicted probability; on the dashed line predictions come true as often as they say.`}
      unit="realised share, by mean predicted probability"
      xKind="number"
      series={series}
      format={share}
      formatTick={shareTick}
      includeZero
    />
  );
}
