"use client";

import { type DataColumn, DataTable, formatMoney, Panel, PanelBody } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";
import { type QueryState, QueryView } from "@/page/query-view";

type Card = Outputs["finops"]["rateCard"];
interface Rate {
  meter: string;
  micros: number;
}

const words: Readonly<Record<string, string>> = {
  "inference.prediction": "one prediction answered to a caller",
  "inference.shadow": "one row scored by a version that did not answer",
  "training.Mrow_trees": "a million rows passed through the growing of one tree",
};

/** What one unit of each meter costs. */
export function RateCard({ query }: { query: QueryState<Card> }) {
  return (
    <Panel title="Rate card" note="work admitted before a change keeps its prices">
      <QueryView query={query} what="rates" rows={3}>
        {(card) => (
          <>
            <DataTable
              label="Rate card"
              columns={columnsOf(card.currency)}
              rows={Object.entries(card.rates).map(([meter, micros]) => ({ meter, micros }))}
              rowId={(rate) => rate.meter}
            />
            <PanelBody>
              <p className="muted small">Meters count work, so a slow machine costs no more.</p>
            </PanelBody>
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function columnsOf(currency: string): DataColumn<Rate>[] {
  return [
    {
      id: "meter",
      header: "Meter",
      primary: true,
      sortable: false,
      value: (rate) => rate.meter,
      cell: (rate) => (
        <div className="py-1.5">
          <code>{rate.meter}</code>
          <p className="muted small">{words[rate.meter] ?? ""}</p>
        </div>
      ),
    },
    {
      id: "unit",
      header: "Per unit",
      numeric: true,
      sortable: false,
      value: (rate) => rate.micros,
      cell: (rate) => formatMoney(rate.micros / 1e6, { currency, digits: rate.micros < 1_000 ? 6 : 4 }),
    },
    {
      id: "thousand",
      header: "Per 1,000",
      numeric: true,
      sortable: false,
      value: (rate) => rate.micros * 1_000,
      cell: (rate) => formatMoney(rate.micros / 1e3, { currency, digits: 2 }),
    },
  ];
}
