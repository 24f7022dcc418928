"use client";

import { type DataColumn, EmptyState, formatCount, Link, MISSING, Panel, RelativeTime } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type CommandPlace, callCommand, uploadCommand } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { datasetPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { SearchBox } from "@/page/search-box";
import { StateStatus } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { datasetsQuery } from "./query";

type Dataset = Outputs["dataset"]["list"]["datasets"][number];

const columnsFor = (base: string): DataColumn<Dataset>[] => [
  {
    id: "name",
    header: "Dataset",
    value: (row) => row.name,
    primary: true,
    cell: (row) => (
      <Link className="row-link" href={datasetPath(base, row.name)}>
        {row.name}
      </Link>
    ),
  },
  {
    id: "version",
    header: "Newest version",
    value: (row) => row.latest?.version,
    cell: (row) => (row.latest ? `v${row.latest.version}` : MISSING),
  },
  {
    id: "state",
    header: "State",
    value: (row) => row.latest?.state,
    cell: (row) => (row.latest ? <StateStatus state={row.latest.state} /> : MISSING),
  },
  {
    id: "rows",
    header: "Rows",
    numeric: true,
    descendingFirst: true,
    value: (row) => row.latest?.rows,
    cell: (row) => formatCount(row.latest?.rows),
  },
  {
    id: "received",
    header: "Received",
    descendingFirst: true,
    value: (row) => row.latest?.createdAt,
    cell: (row) => (row.latest ? <RelativeTime at={row.latest.createdAt} /> : MISSING),
  },
  {
    id: "description",
    header: "Description",
    sortable: false,
    wide: true,
    value: (row) => row.description,
    cell: (row) => <span className="secondary">{row.description || MISSING}</span>,
  },
];

/** Every dataset with its newest version; without any, how to bring the first. */
export function DatasetList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params } = useUrlState();
  const asked = datasetsQuery(new URLSearchParams(params.toString()));
  const query = useQuery(trpc.dataset.list.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  const none = query.data?.datasets.length === 0 && !asked.search && !asked.before;
  return (
    <Panel>
      {none ? null : (
        <div className="filter-bar">
          <SearchBox label="Search datasets by name" placeholder="Search by name" resets={["before"]} />
        </div>
      )}
      <QueryView query={query} what="datasets">
        {({ datasets, next }) =>
          none ? (
            <NoDatasets place={place} base={base} />
          ) : (
            <RecordTable
              label="Datasets"
              columns={columnsFor(base)}
              rows={datasets}
              rowId={(row) => row.id}
              empty={asked.search ? `No dataset's name contains “${asked.search}”.` : "No more datasets."}
              pages={{ shown: `${datasets.length} datasets`, next }}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}

function NoDatasets({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Bring the first dataset"
      explanation="A dataset is a table with a history. Its first version writes the contract: types, nulls, ranges, categories and units. Every later one is held against it before anything reads it."
      steps={[
        {
          title: "Send the file, Parquet or CSV. The answer names its digest.",
          code: uploadCommand(place, "flights.parquet"),
          help: (
            <>
              BALLAST_TOKEN is a token with <code>project.write</code> and <code>dataset.write</code>:{" "}
              <Link className="underline" href={`${base}/settings/tokens`}>
                make one
              </Link>
              .
            </>
          ),
        },
        {
          title: "Make it a version, with the units it is in",
          code: callCommand(place, "dataset.createVersion", {
            version: { dataset: "flights", sourceDigest: "DIGEST", declaredUnits: { distance: "mile" } },
          }),
          help: "DIGEST is the 64 hex digits that the upload answered.",
        },
      ]}
      waiting={
        <>
          Listening on <code>{place.gateway}/v1/artifacts</code> for project <code>{place.project}</code>. This page
          changes by itself.
        </>
      }
    />
  );
}
