"use client";

import {
  type ChartSeries,
  formatCount,
  formatDecimal,
  formatScore,
  Panel,
  PanelBody,
  Segmented,
  type SeriesColor,
  TimeSeriesChart,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { weightedMean } from "@/page/weighted-mean";
import { useTRPC } from "@/trpc/client";
import type { Performance } from "./monitoring-data";

const metrics = [
  { value: "brier", label: "Brier" },
  { value: "brierSkill", label: "Skill" },
  { value: "auc", label: "AUC" },
] as const;
type Metric = (typeof metrics)[number]["value"];

const units: Readonly<Record<Metric, string>> = {
  brier: "Brier score, lower is better",
  brierSkill: "Brier skill over the day's base rate, higher is better",
  auc: "area under the ROC curve, higher is better",
};

/** Realised performance of each version per matured day, with the level below which it is of no use. */
export function PerformanceOverTime({ name, range }: { name: string; range: { from?: string } }) {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.monitoring.performance.queryOptions(
      { ...scope, deployment: name, range },
      { placeholderData: keepPreviousData },
    ),
  );
  const metric = metrics.find(({ value }) => value === params.get("metric"))?.value ?? "brier";
  return (
    <Panel
      id="performance"
      title="Performance"
      note="per matured day"
      actions={
        <Segmented label="Metric" options={metrics} value={metric} onChange={(value) => set({ metric: value })} />
      }
    >
      <QueryView query={query} what="scores">
        {(performance) => (
          <PanelBody>
            <Chart performance={performance} metric={metric} />
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}

type PerformanceDay = Performance["series"][number]["days"][number];

/** Beside the champion's realised line (ink): the newest other versions that scored the same rows. */
const OTHERS: readonly SeriesColor[] = ["s2", "s3", "s4"];

function Chart({ performance, metric }: { performance: Performance; metric: Metric }) {
  const champion = useMemo(
    () =>
      performance.series
        .flatMap(({ days }) => days.filter((day) => day.champion))
        .sort((a, b) => a.day.localeCompare(b.day)),
    [performance],
  );
  const series = useMemo<ChartSeries[]>(() => {
    const all = [...new Set(performance.series.flatMap(({ days }) => days.map(({ day }) => day)))].sort();
    // A day without a score is a gap, never a line across it.
    const pointsOf = (days: readonly PerformanceDay[]) => {
      const byDay = new Map(days.map((day) => [day.day, day]));
      return all.map((day) => ({ x: Date.parse(day), y: byDay.get(day)?.[metric] ?? null, n: byDay.get(day)?.n }));
    };
    const others = performance.series.filter(({ days }) => days.some((day) => !day.champion)).slice(-OTHERS.length);
    return [
      {
        id: "champion",
        label: "champion, realised",
        color: "ink",
        points: pointsOf(champion),
      },
      ...others.map(({ versionId, version, days }, index) => ({
        id: versionId,
        label: `v${version} beside it`,
        color: OTHERS[index] ?? "s8",
        points: pointsOf(days.filter((day) => !day.champion)),
      })),
    ];
  }, [performance, champion, metric]);
  const limits = useMemo(() => [limitOf(champion, metric)].filter((limit) => limit !== null), [champion, metric]);
  if (champion.length === 0) {
    return (
      <p className="muted small">Drawn when the outcomes of the first day have matured, one event day after it ends.</p>
    );
  }
  const level = weightedMean(champion, (day) => day[metric]);
  return (
    <TimeSeriesChart
      title={metrics.find(({ value }) => value === metric)?.label ?? metric}
      summary={
        level
          ? `The champion's mean is ${formatScore(level.mean)} over ${level.days} matured days (n = ${formatCount(level.n)}).`
          : "No matured day has labels that define it."
      }
      unit={units[metric]}
      series={series}
      limits={limits}
      formatTick={twoDigits}
    />
  );
}

const twoDigits = (value: number): string => formatDecimal(value, 2);

/** The level of a model that knows nothing but the base rate; null while that is unknown. */
function limitOf(
  champion: Performance["series"][number]["days"],
  metric: Metric,
): { value: number; label: string } | null {
  if (metric === "auc") return { value: 0.5, label: "chance 0.5" };
  if (metric === "brierSkill") return { value: 0, label: "base rate alone 0" };
  const rate = weightedMean(champion, (day) => day.meanOutcome)?.mean;
  if (rate === undefined) return null;
  const value = rate * (1 - rate);
  return { value, label: `base rate alone ${formatDecimal(value, 3)}` };
}
