"use client";

import { Badge, Facts, formatDay, Panel, PanelBody, Status } from "@ballast/ui";
import { formatMicros } from "@/page/format-micros";
import { type QueryState, QueryView } from "@/page/query-view";
import type { Refusal } from "./cost-data";

/** What the ledger refused, each as an invoice: worst case, free, short by, and the ways out. */
export function Refusals({ query, currency }: { query: QueryState<Refusal[]>; currency: string }) {
  return (
    <Panel title="Refused" note="newest first; nothing was started and nothing was charged">
      <QueryView query={query} what="refusals" rows={3}>
        {(refusals) =>
          refusals.length === 0 ? (
            <PanelBody>
              <Status tone="healthy">Nothing has been refused.</Status>
            </PanelBody>
          ) : (
            refusals.map((refusal) => <Invoice key={refusal.reservationId} refusal={refusal} currency={currency} />)
          )
        }
      </QueryView>
    </Panel>
  );
}

function Invoice({ refusal, currency }: { refusal: Refusal; currency: string }) {
  const { invoice, kind, eventTime, subject, amountMicros, reason } = refusal;
  const money = (micros: number) => formatMicros(micros, invoice?.currency ?? currency);
  return (
    <PanelBody className="grid gap-2">
      <div className="row">
        <Badge tone="warning">refused</Badge>
        <b>{kind === "lease" ? "Serving beyond the limit" : "Training"}</b>
        <code className="muted small">{subject}</code>
        {eventTime ? <span className="muted small ml-auto">{formatDay(eventTime, { year: true })}</span> : null}
      </div>
      {invoice ? (
        <>
          <Facts
            rows={[
              ["Worst case of the job", money(invoice.worstCaseMicros)],
              [`Free under the limit of ${money(invoice.limitMicros)}`, money(invoice.freeMicros)],
              [
                "Short by",
                <b key="short" className="text-breach">
                  {money(invoice.shortByMicros)}
                </b>,
              ],
            ]}
          />
          {invoice.waysOut.length > 0 ? (
            <ul className="secondary grid list-disc gap-1 pl-4">
              {invoice.waysOut.map((way) => (
                <li key={way}>{way}</li>
              ))}
            </ul>
          ) : null}
        </>
      ) : (
        <p className="secondary">
          {reason} {kind === "lease" ? `${money(amountMicros)} was served beyond the limit.` : ""}
        </p>
      )}
    </PanelBody>
  );
}
