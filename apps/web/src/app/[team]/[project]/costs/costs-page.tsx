"use client";

import { Cell, Figures, formatCount, Grid, PageHead, Panel, Segmented, Verdict } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import type { CommandPlace } from "@/page/commands";
import { formatMicros } from "@/page/format-micros";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { DayChart, SpendChart } from "./cost-charts";
import { type Budget, daysOf, openingOf, RANGES, REFUSALS_READ, type Refusal } from "./cost-data";
import { CostsEmpty } from "./costs-empty";
import { RateCard } from "./rate-card";
import { Refusals } from "./refusals";
import { SetBudget } from "./set-budget";
import { UnitEconomics } from "./unit-economics";

const options = RANGES.map((days) => ({ value: String(days), label: `${days} days` }));

/** The project's ledger: committed, reserved, free, forecast; what it went to; and what was refused. */
export function CostsPage({ place }: { place: CommandPlace }) {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const trpc = useTRPC();
  const budgets = useQuery(trpc.finops.budgets.queryOptions(scope));
  const refusals = useQuery(trpc.finops.refusals.queryOptions({ ...scope, limit: REFUSALS_READ }));
  const card = useQuery(trpc.finops.rateCard.queryOptions(scope));
  const budget = budgets.data?.[0];
  const currency = budget?.currency ?? card.data?.currency ?? "USD";
  return (
    <>
      <PageHead title="Costs" meta={`${currency}, event days, metered by work and never by seconds`}>
        {budget ? (
          <Segmented
            label="Event days shown"
            options={options}
            value={String(daysOf(params))}
            onChange={(value) => set({ days: value })}
          />
        ) : null}
        {budgets.data ? <SetBudget budget={budget} currency={currency} /> : null}
      </PageHead>
      {budget ? (
        <QueryView query={budgets} what="budgets">
          {() => <Ledger budget={budget} refusals={refusals.data ?? []} />}
        </QueryView>
      ) : (
        <Panel>
          <QueryView query={budgets} what="budgets">
            {() => <CostsEmpty place={place} currency={currency} />}
          </QueryView>
        </Panel>
      )}
      <Grid>
        <Cell span={7}>
          <Refusals query={refusals} currency={currency} />
        </Cell>
        <Cell span={5}>
          <RateCard query={card} />
        </Cell>
      </Grid>
    </>
  );
}

function Ledger({ budget, refusals }: { budget: Budget; refusals: readonly Refusal[] }) {
  const opening = openingOf(budget, refusals);
  return (
    <>
      <Verdict
        tone={opening.tone}
        headline={opening.headline}
        why={opening.why.map((sentence) => <p key={sentence}>{sentence}</p>)}
        act={<p>{opening.act}</p>}
      />
      <LedgerFigures budget={budget} />
      <Grid>
        <Cell span={7}>
          <SpendChart budget={budget} />
        </Cell>
        <Cell span={5}>
          <DayChart budget={budget} />
        </Cell>
      </Grid>
      <UnitEconomics />
    </>
  );
}

function LedgerFigures({ budget }: { budget: Budget }) {
  const { currency, limitMicros, committedMicros, reservedMicros, freeMicros, forecast, hard, overageMicros } = budget;
  const money = (micros: number | null) => formatMicros(micros, currency);
  return (
    <Figures
      label="The ledger"
      items={[
        {
          label: "Committed",
          value: money(committedMicros),
          load: {
            value: committedMicros,
            reserved: reservedMicros,
            ...(limitMicros > 0 ? { limit: limitMicros } : {}),
            label: `${money(committedMicros)} committed and ${money(reservedMicros)} reserved of ${money(limitMicros)}`,
          },
          note: `of ${money(limitMicros)}, ${hard ? "hard" : "soft"}`,
        },
        { label: "Reserved", value: money(reservedMicros), slot: null, note: "worst case of work under way" },
        {
          label: hard ? "Free under the limit" : "Left of the limit",
          value: money(freeMicros),
          slot: null,
          note: "limit − committed − reserved",
        },
        {
          label: "In 30 days, at this pace",
          value: money(forecast.in30DaysMicros),
          slot: null,
          note: forecast.perDayMicros === null ? "nothing metered yet" : `${money(forecast.perDayMicros)} a day`,
        },
        { label: "Served beyond the limit", value: money(overageMicros), slot: null, note: "serving is never cut" },
        {
          label: "Refused",
          value: formatCount(budget.refusals),
          unit: budget.refusals === 1 ? "time" : "times",
          slot: null,
          note: "nothing was started or charged",
        },
      ]}
    />
  );
}
