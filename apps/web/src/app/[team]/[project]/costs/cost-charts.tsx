"use client";

import { type ChartSeries, formatDay, formatMoney, Panel, PanelBody, TimeSeriesChart } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { formatMicros } from "@/page/format-micros";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { type Budget, type CostRange, costPerDay, daysOf, spendSoFar } from "./cost-data";

const MICROS = 1_000_000;

/** What the range that the address names has cost. */
export function useCosts() {
  const { scope } = useProject();
  const { params } = useUrlState();
  const trpc = useTRPC();
  return useQuery(
    trpc.finops.costPerDay.queryOptions({ ...scope, days: daysOf(params) }, { placeholderData: keepPreviousData }),
  );
}

const below = (limit: number, value: number): boolean => value !== 0 && Math.abs(value) < limit;
/** How a chart writes amounts, and those of its axis. */
const moneyOf = (currency: string) => ({
  format: (value: number) => formatMoney(value, { currency, digits: below(1, value) ? 3 : 2 }),
  formatTick: (value: number) => formatMoney(value, { currency, digits: below(2, value) ? 2 : 0 }),
});

/** Spend so far against the limit, with where the present pace leads. */
export function SpendChart({ budget }: { budget: Budget }) {
  const query = useCosts();
  return (
    <Panel title="Spend against the limit" note={`budget ${budget.name}, ${budget.hard ? "hard" : "soft"}`}>
      <QueryView query={query} what="charges">
        {(costs) => (
          <PanelBody>
            <Spend costs={costs} budget={budget} />
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}

function Spend({ costs, budget }: { costs: CostRange; budget: Budget }) {
  const { spent, ahead } = useMemo(() => spendSoFar(costs, budget), [costs, budget]);
  const money = useMemo(() => moneyOf(budget.currency), [budget.currency]);
  const series = useMemo<ChartSeries[]>(() => {
    const inMoney = (points: readonly { x: number; y: number }[]) => points.map(({ x, y }) => ({ x, y: y / MICROS }));
    return [
      { id: "spent", label: "metered so far", color: "s1", style: "area", points: inMoney(spent) },
      ...(ahead.length > 0
        ? [
            {
              id: "ahead",
              label: "at the present pace",
              color: "s1" as const,
              style: "dashed" as const,
              points: inMoney(ahead),
            },
          ]
        : []),
    ];
  }, [spent, ahead]);
  const limits = useMemo(
    () =>
      budget.limitMicros > 0
        ? [
            {
              value: budget.limitMicros / MICROS,
              label: `${budget.hard ? "hard" : "soft"} limit ${formatMicros(budget.limitMicros, budget.currency)}`,
            },
          ]
        : [],
    [budget.limitMicros, budget.hard, budget.currency],
  );
  const last = spent.at(-1);
  if (!last) return <p className="muted small">Drawn with the first charge.</p>;
  return (
    <TimeSeriesChart
      title="Spend so far"
      summary={`${formatMicros(last.y, budget.currency)} metered by ${formatDay(last.x, { year: true })}, limit ${formatMicros(budget.limitMicros, budget.currency)}.`}
      unit={`${budget.currency}, cumulative`}
      series={series}
      limits={limits}
      includeZero
      {...money}
    />
  );
}

/** What each event day cost, by what it was for. */
export function DayChart({ budget }: { budget: Budget }) {
  const query = useCosts();
  return (
    <Panel title="Cost per day" note="serving, shadow scorings, training">
      <QueryView query={query} what="charges">
        {(costs) => (
          <PanelBody>
            <PerDay costs={costs} currency={budget.currency} />
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}

function PerDay({ costs: { costs }, currency }: { costs: CostRange; currency: string }) {
  const days = useMemo(() => costPerDay(costs), [costs]);
  const money = useMemo(() => moneyOf(currency), [currency]);
  const series = useMemo<ChartSeries[]>(
    () =>
      (
        [
          ["serving", "serving", "s1"],
          ["shadow", "shadow scorings", "s8"],
          ["training", "training", "s2"],
        ] as const
      ).map(([id, label, color]) => ({
        ...{ id, label, color, style: "bar" as const },
        points: days.map((day) => ({ x: day.day, y: day[id] / MICROS })),
      })),
    [days],
  );
  if (days.length === 0) return <p className="muted small">Drawn with the first charge.</p>;
  return (
    <TimeSeriesChart
      title="Cost per day"
      summary={`${days.length} event days, serving, shadow scorings and training stacked.`}
      unit={`${currency} per event day`}
      series={series}
      {...money}
    />
  );
}
