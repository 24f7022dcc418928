"use client";

import { type DataColumn, formatCount, Link, MISSING, Panel, RelativeTime, RoleChip, Tag } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { CommandPlace } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { plainMarkdown } from "@/page/plain-markdown";
import { QueryView } from "@/page/query-view";
import { modelPath, modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { SearchBox } from "@/page/search-box";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { NoModels } from "./no-models";
import { modelsQuery } from "./query";

type Model = Outputs["model"]["list"]["models"][number];

const aliasColumn = (base: string, alias: "champion" | "candidate"): DataColumn<Model> => {
  const of = (row: Model) => row.aliases.find((one) => one.alias === alias);
  return {
    id: alias,
    header: alias === "champion" ? "Champion" : "Candidate",
    value: (row) => of(row)?.version,
    cell: (row) => {
      const found = of(row);
      return found ? (
        <RoleChip role={alias}>
          <Link href={modelVersionPath(base, row.name, `v${found.version}`)}>v{found.version}</Link>
        </RoleChip>
      ) : (
        MISSING
      );
    },
  };
};

const columnsFor = (base: string): DataColumn<Model>[] => [
  {
    id: "name",
    header: "Model",
    value: (row) => row.name,
    primary: true,
    cell: (row) => (
      <Link className="row-link" href={modelPath(base, row.name)}>
        {row.name}
      </Link>
    ),
  },
  aliasColumn(base, "champion"),
  aliasColumn(base, "candidate"),
  {
    id: "aliases",
    header: "Other aliases",
    sortable: false,
    value: () => null,
    cell: (row) => {
      const others = row.aliases.filter(({ alias }) => alias !== "champion" && alias !== "candidate");
      return others.length === 0
        ? MISSING
        : others.map(({ alias, version }) => (
            <Tag key={alias}>
              {alias} v{version}
            </Tag>
          ));
    },
  },
  {
    id: "versions",
    header: "Versions",
    numeric: true,
    value: (row) => row.versions,
    cell: (row) => formatCount(row.versions),
  },
  {
    id: "newest",
    header: "Newest",
    numeric: true,
    value: (row) => row.latestVersion,
    cell: (row) => (row.latestVersion === null ? MISSING : `v${row.latestVersion}`),
  },
  {
    id: "updated",
    header: "Registered",
    descendingFirst: true,
    value: (row) => row.updatedAt,
    cell: (row) => <RelativeTime at={row.updatedAt} />,
  },
  {
    id: "description",
    header: "Description",
    sortable: false,
    wide: true,
    value: (row) => row.description,
    cell: (row) => <span className="secondary">{plainMarkdown(row.description ?? "") || MISSING}</span>,
  },
];

/** Every model with the versions that answer now; without any, how to register the first. */
export function ModelList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params } = useUrlState();
  const asked = modelsQuery(new URLSearchParams(params.toString()));
  const query = useQuery(trpc.model.list.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  const none = query.data?.models.length === 0 && !asked.search && !asked.after;
  return (
    <Panel>
      {none ? null : (
        <div className="filter-bar">
          <SearchBox label="Search models by name or description" placeholder="Search models" resets={["after"]} />
        </div>
      )}
      <QueryView query={query} what="models">
        {({ models, next }) =>
          none ? (
            <NoModels place={place} />
          ) : (
            <RecordTable
              label="Models"
              columns={columnsFor(base)}
              rows={models}
              rowId={(row) => row.id}
              empty={asked.search ? `No model's name or description contains “${asked.search}”.` : "No more models."}
              pages={{
                shown: `${models.length} models, by name`,
                next,
                param: "after",
                words: { first: "First", next: "More" },
              }}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
