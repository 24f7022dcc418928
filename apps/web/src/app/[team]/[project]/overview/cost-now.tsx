"use client";

import { Facts, Link, LoadLine, Panel, PanelBody } from "@ballast/ui";
import { formatMicros } from "@/page/format-micros";
import { paths } from "@/page/paths";
import { useProject } from "@/page/use-project";
import type { ServingOverview } from "./overview-data";

/** What the project costs at its present pace, and how much room is left. */
export function CostNow({ overview }: { overview: ServingOverview }) {
  const { base } = useProject();
  const { budget, unitCosts, deployment } = overview;
  const champion = unitCosts.find(({ modelVersionId }) => modelVersionId === deployment.routing.champion);
  if (!budget) {
    return (
      <Panel title="Cost now" actions={<Link href={paths.costs(base)}>Costs</Link>}>
        <PanelBody>
          <p className="secondary">
            Nothing is metered yet. Without a budget every charge is recorded and nothing is refused.
          </p>
        </PanelBody>
      </Panel>
    );
  }
  const { committedMicros, reservedMicros, limitMicros, freeMicros, overageMicros, forecast, hard, currency } = budget;
  const money = (micros: number | null) => formatMicros(micros, currency);
  return (
    <Panel
      title="Cost now"
      note={`${hard ? "hard" : "soft"} budget`}
      actions={<Link href={paths.costs(base)}>Costs</Link>}
    >
      <PanelBody className="grid content-start gap-2.5">
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="figure-value">
            {money(forecast.perDayMicros)}
            <small>a day now</small>
          </span>
          <span className="figure-note">
            {champion?.servingPer1000Micros == null
              ? null
              : `${money(Math.round(champion.servingPer1000Micros))} serving, per 1,000 predictions`}
          </span>
        </div>
        <LoadLine
          value={committedMicros}
          reserved={reservedMicros}
          limit={limitMicros > 0 ? limitMicros : undefined}
          label={`${money(committedMicros)} of ${money(limitMicros)} committed`}
        />
        <Facts
          small
          rows={[
            ["Committed", money(committedMicros)],
            ["Reserved", money(reservedMicros)],
            [hard ? "Free under the hard limit" : "Left of the soft limit", <b key="free">{money(freeMicros)}</b>],
            ...(overageMicros > 0 ? [["Served beyond the limit", money(overageMicros)] as const] : []),
            ["At this pace in 30 days", money(forecast.in30DaysMicros)],
          ]}
        />
      </PanelBody>
    </Panel>
  );
}
