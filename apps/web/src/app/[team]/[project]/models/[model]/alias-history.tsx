"use client";

import { type DataColumn, Link, MISSING, Panel, RelativeTime } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { AliasChip } from "@/page/alias-chip";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { MOVES_SHOWN } from "./query";

type Move = Outputs["model"]["aliasHistory"]["moves"][number];

/** Who was production when: every move of every alias, newest first. */
export function AliasHistory({ model }: { model: { id: string; name: string } }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(trpc.model.aliasHistory.queryOptions({ ...scope, modelId: model.id, limit: MOVES_SHOWN }));
  const link = (version: number | null) =>
    version === null ? MISSING : <Link href={modelVersionPath(base, model.name, `v${version}`)}>v{version}</Link>;
  const columns: DataColumn<Move>[] = [
    {
      id: "alias",
      header: "Alias",
      primary: true,
      value: (row) => row.alias,
      cell: (row) => <AliasChip alias={row.alias} />,
    },
    { id: "from", header: "From", value: (row) => row.from, cell: (row) => link(row.from) },
    { id: "to", header: "To", value: (row) => row.to, cell: (row) => (row.to === null ? "taken off" : link(row.to)) },
    { id: "by", header: "By", value: (row) => row.movedBy },
    {
      id: "approval",
      header: "Approved",
      value: (row) => row.approvalId,
      cell: (row) => (row.approvalId ? <code>{row.approvalId}</code> : MISSING),
    },
    {
      id: "at",
      header: "When",
      descendingFirst: true,
      value: (row) => row.movedAt,
      cell: (row) => <RelativeTime at={row.movedAt} />,
    },
  ];
  return (
    <Panel title="Alias history" note="who was production when, and who moved it">
      <QueryView query={query} what="alias moves" rows={2}>
        {({ moves, next }) => (
          <>
            <RecordTable
              label="Moves of aliases"
              name="moves"
              columns={columns}
              rows={moves}
              part={next !== null}
              rowId={(row) => String(row.id)}
              empty="No alias was moved yet."
            />
            {next === null ? null : (
              <p className="panel-rule muted small px-4 py-2">
                The newest {MOVES_SHOWN}; older moves are in the audit log.
              </p>
            )}
          </>
        )}
      </QueryView>
    </Panel>
  );
}
