"use client";

import { Badge, formatCount, formatDateTime, formatDay, Link, ListItem, Panel, PanelBody, Status } from "@ballast/ui";
import { formatMicros } from "@/page/format-micros";
import { AcceptConversion } from "@/page/incident-actions";
import { paths } from "@/page/paths";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import type { ServingOverview } from "./overview-data";
import { StuckItems } from "./stuck-work";

/** Refusals older than this many event days are history, not a question. */
const RECENT_DAYS = 14;

/** What waits for somebody: open incidents with their one act, and what the ledger refused of late. */
export function NeedsAPerson({ overview }: { overview: ServingOverview }) {
  const { base } = useProject();
  const { incidents, openIncidents, project, stuck } = overview;
  const refusals = overview.refusals.filter(({ eventTime }) => {
    if (eventTime === null || project.watermark === null) return true;
    return +project.watermark - +eventTime < RECENT_DAYS * 86_400_000;
  });
  return (
    <Panel title="Needs a person" actions={<Link href={`${base}/incidents`}>All incidents</Link>}>
      <StuckItems items={stuck} />
      {incidents.map((incident) => (
        <ListItem
          key={incident.id}
          head={
            <>
              <Badge tone="breach">breach</Badge>
              <b>
                <TickedText text={incident.title.split(", since")[0] ?? incident.title} />
              </b>
            </>
          }
          age={formatDay(incident.openedEventTime)}
        >
          <p className="secondary">
            Since {formatDateTime(incident.since)} UTC, named {formatDateTime(incident.openedEventTime)}.{" "}
            {incident.proposal ? "A conversion is proposed." : "No conversion explains it."}
          </p>
          <div className="row mt-1">
            {incident.proposal ? <AcceptConversion incident={incident} size="small" /> : null}
            <Link href={paths.incident(base, incident.id)}>See the evidence</Link>
          </div>
        </ListItem>
      ))}
      {openIncidents > incidents.length ? (
        <PanelBody>
          <p className="secondary">{formatCount(openIncidents - incidents.length)} more incidents are open.</p>
        </PanelBody>
      ) : null}
      {refusals.map((refusal) => (
        <ListItem
          key={refusal.reservationId}
          head={
            <>
              <Badge tone="warning">refused</Badge>
              <b>{refusal.kind === "lease" ? "Serving beyond the limit" : "A training was refused"}</b>
            </>
          }
          age={refusal.eventTime ? formatDay(refusal.eventTime) : undefined}
        >
          <p className="secondary">
            {refusal.invoice
              ? `Worst case ${money(refusal.invoice.worstCaseMicros, refusal.invoice)}, free ${money(refusal.invoice.freeMicros, refusal.invoice)}, short by ${money(refusal.invoice.shortByMicros, refusal.invoice)}.`
              : refusal.reason}
          </p>
          <p className="small">
            <Link href={paths.costs(base)}>See the invoice</Link>
          </p>
        </ListItem>
      ))}
      {stuck.length === 0 && incidents.length === 0 && refusals.length === 0 ? (
        <PanelBody>
          <Status tone="healthy">Nothing waits for a person.</Status>
        </PanelBody>
      ) : null}
    </Panel>
  );
}

const money = (micros: number, { currency }: { currency: string }) => formatMicros(micros, currency);
