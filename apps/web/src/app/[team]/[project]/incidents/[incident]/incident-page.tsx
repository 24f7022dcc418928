"use client";

import {
  Badge,
  Button,
  Cell,
  CopyId,
  Facts,
  formatCount,
  formatDateTime,
  formatDecimal,
  Grid,
  Icon,
  Link,
  PageHead,
  Panel,
  PanelBody,
  Verdict,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useMay } from "@/frame/may";
import { TrailSteps } from "@/frame/trail";
import { AcceptConversion, DismissIncident } from "@/page/incident-actions";
import type { Outputs } from "@/page/outputs";
import { paths } from "@/page/paths";
import { QueryView } from "@/page/query-view";
import { statisticLabel } from "@/page/statistic-words";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { useReachWords } from "@/page/use-reach-words";
import { useTRPC } from "@/trpc/client";
import { incidentTone } from "../incident-tone";
import { Conversions } from "./conversions";
import { readEvidence } from "./evidence";
import { UnitCandidates } from "./unit-candidates";

type Detail = Outputs["monitoring"]["incident"];

/** One incident: what was measured, what explains it, and what accepting it does. */
export function IncidentPage({ id }: { id: string }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const query = useQuery(trpc.monitoring.incident.queryOptions({ ...scope, incidentId: id }));
  return (
    <>
      <TrailSteps steps={[{ label: query.data?.incident.proposal?.column ?? id }]} />
      {query.data ? (
        <QueryView query={query} what="facts of the incident">
          {(detail) => <Body detail={detail} />}
        </QueryView>
      ) : (
        <Panel>
          <QueryView query={query} what="facts of the incident">
            {() => null}
          </QueryView>
        </Panel>
      )}
    </>
  );
}

function Body({ detail }: { detail: Detail }) {
  const { base, scope } = useProject();
  const trpc = useTRPC();
  const watched = useQuery(trpc.monitoring.overviews.queryOptions(scope));
  const { incident, conversions } = detail;
  const { proposal } = incident;
  const deployment = watched.data?.find((one) => one.deployment.id === incident.deploymentId)?.deployment.name;
  const open = incident.state === "open";
  const mayDecide = useMay("incident.resolve");
  const [name = incident.title, ...rest] = incident.title.split(", since");
  const evidence = readEvidence(incident.evidence);
  const day = incident.since.toISOString().slice(0, 10);
  // Of a sender that went back, or a source that follows, nothing else was tried.
  const explained = proposal && proposal.candidates.length > 0 ? proposal : null;
  return (
    <>
      <PageHead
        title={
          <span className="[&_code]:text-[0.9em]">
            <TickedText text={name} />
          </span>
        }
        meta={
          <>
            <Badge tone={incidentTone(incident.state)}>{incident.state}</Badge>
            <CopyId value={incident.id} />
          </>
        }
      >
        {deployment ? (
          <Button asChild>
            <Link href={paths.monitoring(base, deployment, { column: proposal?.column ?? "", day })}>
              See the drift
            </Link>
          </Button>
        ) : null}
      </PageHead>
      <Verdict
        tone={incidentTone(incident.state)}
        headline={
          open ? "A column is in another unit than declared." : `Closed by ${incident.resolvedBy ?? "the platform"}.`
        }
        why={
          <p>
            <TickedText
              text={
                open
                  ? rest.length > 0
                    ? `${name}, since${rest.join(", since")}.`
                    : `${incident.title}.`
                  : (incident.resolution ?? "")
              }
            />{" "}
            {open ? `Serving goes on with the values as they come; training on these rows is refused.` : ""}
          </p>
        }
        act={
          <p>
            {open
              ? proposal
                ? "Accept the conversion if the sender changed the unit. If the world changed instead, say so."
                : "No conversion explains the change. Ask the sender, then close it with a reason."
              : conversions.length > 0
                ? "Nothing. Withdraw the conversion when the sender has gone back to the declared unit."
                : "Nothing."}
          </p>
        }
        actions={
          open && mayDecide ? (
            <>
              <AcceptConversion incident={incident} />
              <DismissIncident incident={incident} />
            </>
          ) : undefined
        }
      />
      <Grid>
        <Cell span={explained || (open && proposal) ? 5 : 12}>
          <Panel title="Facts" note="event times, UTC">
            <PanelBody>
              <Facts rows={factRows(detail, deployment, evidence)} />
            </PanelBody>
          </Panel>
        </Cell>
        {explained || (open && proposal) ? (
          <Cell span={7} fill>
            {explained ? <UnitCandidates proposal={explained} /> : null}
            {open && proposal ? <WhatAcceptingDoes proposal={proposal} /> : null}
          </Cell>
        ) : null}
      </Grid>
      {conversions.length > 0 ? <Conversions conversions={conversions} /> : null}
    </>
  );
}

function factRows(
  { incident }: Detail,
  deployment: string | undefined,
  evidence: ReturnType<typeof readEvidence>,
): (readonly [string, React.ReactNode])[] {
  const { proposal } = incident;
  return [
    ["Since", formatDateTime(incident.since)],
    ["Named", formatDateTime(incident.openedEventTime)],
    ...(incident.closedEventTime ? [["Closed", formatDateTime(incident.closedEventTime)] as const] : []),
    ...(evidence.rows === undefined ? [] : [["Rows looked at when named", formatCount(evidence.rows)] as const]),
    ...(evidence.windows === undefined ? [] : [["Days that showed it", formatCount(evidence.windows)] as const]),
    ...(proposal
      ? ([
          ["Declared", proposal.declaredUnit],
          ["Received", proposal.receivedUnit],
          ["Factor at ingestion", `× ${formatDecimal(proposal.factor, 6)}`],
        ] as const)
      : []),
    ["Deployment", deployment ?? incident.deploymentId],
    ...evidence.statistics.map(
      ({ statistic, test, value, limit }) =>
        [
          statisticLabel({ statistic, test }, evidence.statistics),
          <span key={test}>
            <b>{formatDecimal(value, 3)}</b>{" "}
            <span className="muted">{limit === null ? "" : `limit ${formatDecimal(limit, 3)}`}</span>
          </span>,
        ] as const,
    ),
  ];
}

function WhatAcceptingDoes({ proposal }: { proposal: NonNullable<Detail["incident"]["proposal"]> }) {
  const words = useReachWords();
  const { column, factor, from, appliesTo } = proposal;
  const effects = [
    <>
      multiply <code>{column}</code> by {formatDecimal(factor, 6)} in {words(appliesTo)}, from {formatDateTime(from)} on
    </>,
    appliesTo?.deployments.length === 0
      ? "leave serving as it is; stored rows stay as they came"
      : "serve with the converted values within a second; stored rows stay as they came",
    ...(appliesTo?.sources.length === 0 ? ["leave pushed rows alone: no source shows the change"] : []),
    "allow training on these rows again",
  ];
  return (
    <Panel title="Accepting will">
      <PanelBody>
        <ul className="grid gap-2">
          {effects.map((effect, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list that never reorders
            <li key={index} className="flex gap-2">
              <Icon of={Check} size={14} />
              <span>{effect}</span>
            </li>
          ))}
        </ul>
        <p className="muted small mt-2">It can be withdrawn. It is written to the audit log under your name.</p>
      </PanelBody>
    </Panel>
  );
}
