"use client";

import {
  type DataColumn,
  EmptyState,
  formatCount,
  formatDateTime,
  formatDay,
  Link,
  MISSING,
  Panel,
  PanelBody,
  Segmented,
  Status,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type CommandPlace, callCommand } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { paths } from "@/page/paths";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { incidentTone } from "./incident-tone";
import { incidentsQuery, STATES } from "./query";

type Row = Outputs["monitoring"]["incidents"]["incidents"][number];

const options = [{ value: "all", label: "All" }, ...STATES.map((state) => ({ value: state, label: state }))];

/** Incidents, newest first, by state. */
export function IncidentList({ place }: { place: CommandPlace }) {
  const { scope, base } = useProject();
  const { params, set } = useUrlState();
  const trpc = useTRPC();
  const asked = incidentsQuery(params);
  const query = useQuery(
    trpc.monitoring.incidents.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }),
  );
  return (
    <Panel>
      <PanelBody>
        <Segmented
          label="State"
          options={options}
          value={asked.state ?? "all"}
          onChange={(value) => set({ state: value === "all" ? null : value, before: null })}
        />
      </PanelBody>
      <div className="panel-rule">
        <QueryView query={query} what="incidents">
          {({ incidents, total, next }) =>
            incidents.length === 0 && asked.state === undefined && asked.before === undefined ? (
              <NoIncident place={place} />
            ) : (
              <RecordTable
                label="Incidents"
                columns={columnsOf(base)}
                rows={incidents}
                rowId={(row) => row.id}
                empty={`No ${asked.state ?? ""} incident here.`}
                pages={{ shown: `${incidents.length} of ${formatCount(total)} incidents`, next }}
              />
            )
          }
        </QueryView>
      </div>
    </Panel>
  );
}

function NoIncident({ place }: { place: CommandPlace }) {
  return (
    <EmptyState
      title="No incident yet"
      explanation="An incident names something that a person must decide: today, that a column arrives in another unit than its contract declares. Declare units with a dataset version, and every complete day is held against them."
      steps={[
        {
          title: "Declare units with the data a model learns from",
          code: callCommand(place, "dataset.createVersion", {
            version: { dataset: "flights", sourceDigest: "DIGEST", declaredUnits: { distance: "mile" } },
          }),
          help: "DIGEST is what the upload of the file answered; the datasets page has that command.",
        },
      ]}
      waiting="Every complete event day is looked at; what is named appears here by itself."
    />
  );
}

function columnsOf(base: string): DataColumn<Row>[] {
  return [
    {
      id: "title",
      header: "Incident",
      primary: true,
      wide: true,
      value: (row) => row.title,
      cell: (row) => (
        <div className="min-w-[260px] py-1.5 whitespace-normal">
          <Link className="row-link" href={paths.incident(base, row.id)}>
            <TickedText text={row.title} />
          </Link>
        </div>
      ),
    },
    {
      id: "state",
      header: "State",
      value: (row) => row.state,
      cell: (row) => <Status tone={incidentTone(row.state)}>{row.state}</Status>,
    },
    {
      id: "since",
      header: "Since, UTC",
      value: (row) => row.since,
      cell: (row) => <span className="whitespace-nowrap">{formatDateTime(row.since)}</span>,
    },
    {
      id: "named",
      header: "Named",
      value: (row) => row.openedEventTime,
      cell: (row) => <span className="whitespace-nowrap">{formatDay(row.openedEventTime, { year: true })}</span>,
    },
    {
      id: "closed",
      header: "Closed",
      value: (row) => row.closedEventTime,
      cell: (row) => (
        <span className="whitespace-nowrap">
          {row.closedEventTime ? formatDay(row.closedEventTime, { year: true }) : MISSING}
        </span>
      ),
    },
    {
      id: "resolution",
      header: "Resolution",
      wide: true,
      sortable: false,
      value: (row) => row.resolution,
      cell: (row) =>
        row.resolution ? (
          <div className="secondary small min-w-[200px] py-1.5 whitespace-normal">
            <TickedText text={row.resolution} />
            {row.resolvedBy ? ` (${row.resolvedBy})` : ""}
          </div>
        ) : (
          <span className="muted">waits for a person</span>
        ),
    },
  ];
}
