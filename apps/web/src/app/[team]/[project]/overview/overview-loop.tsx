"use client";

import {
  Cell,
  type ChartSeries,
  formatDecimal,
  formatScore,
  Grid,
  LoopPicture,
  Panel,
  TimeSeriesChart,
} from "@ballast/ui";
import { useMemo } from "react";
import { deploymentPath } from "@/page/record-paths";
import { routesOf, shadowsOf } from "@/page/routes-of";
import { useProject } from "@/page/use-project";
import { CostNow } from "./cost-now";
import { NeedsAPerson } from "./needs-a-person";
import { brierLevel, type ServingOverview } from "./overview-data";
import { edgesOf, stationsOf } from "./stations";

/** The picture of the loop, and beside it what waits for a person and what it costs. */
export function OverviewLoop({ overview }: { overview: ServingOverview }) {
  const { base } = useProject();
  const { deployment } = overview;
  const { champion } = deployment.routing;
  return (
    <Grid>
      <Cell span={8}>
        <Panel title="The loop" note="what runs, where it stops, and why">
          <LoopPicture
            stations={stationsOf(overview, base)}
            edges={edgesOf(overview)}
            model={{
              name: deployment.name,
              href: deploymentPath(base, deployment.name),
              tone: champion === null ? "idle" : "healthy",
              state: champion === null ? "not serving" : "serving",
              task: `model ${deployment.model}`,
              routes: routesOf(deployment),
              shadow: shadowsOf(deployment),
              chart: <BrierChart overview={overview} />,
            }}
          />
        </Panel>
      </Cell>
      <Cell span={4} fill>
        <NeedsAPerson overview={overview} />
        <CostNow overview={overview} />
      </Cell>
    </Grid>
  );
}

const twoDigits = (value: number): string => formatDecimal(value, 2);

function BrierChart({ overview }: { overview: ServingOverview }) {
  const { championDays } = overview;
  const level = brierLevel(championDays, championDays.length);
  const series = useMemo<ChartSeries[]>(
    () => [
      {
        id: "champion",
        label: "champion",
        color: "s1",
        points: championDays.map(({ day, brier, n }) => ({ x: Date.parse(day), y: brier, n })),
      },
    ],
    [championDays],
  );
  const limit = level?.brier;
  const limits = useMemo(
    () => (limit === undefined ? [] : [{ value: limit, label: `base rate alone ${formatScore(limit)}` }]),
    [limit],
  );
  if (!level)
    return <p className="muted small">The Brier score per day is drawn when the first day's outcomes have matured.</p>;
  return (
    <TimeSeriesChart
      title="Brier score per day"
      summary={`The champion scored ${formatScore(level.champion)} on average over ${championDays.length} matured days; saying the base rate alone would have scored ${formatScore(level.brier)}.`}
      unit="Brier score per day, lower is better"
      series={series}
      limits={limits}
      height={116}
      formatTick={twoDigits}
      hideLegend
    />
  );
}
