"use client";

import { Button, type DataColumn, Panel, RelativeTime, useToast } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/frame/may";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC, useTRPCClient } from "@/trpc/client";

type Trashed = Outputs["model"]["trashedVersions"][number];

/** Versions in the trash, each with the way back; nothing where there are none. */
export function TrashedVersions({ modelId }: { modelId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { scope } = useProject();
  const may = useMay("model.write");
  const [refresh, toast] = [useRefresh(), useToast()];
  const attempt = useAttempt();
  const query = useQuery(trpc.model.trashedVersions.queryOptions({ ...scope, modelId }));
  if (!query.data || query.data.length === 0) return null;
  const restore = async (row: Trashed) => {
    await client.model.restoreVersion.mutate({ ...scope, versionId: row.id });
    await refresh();
    toast.show({ text: `v${row.version} is back; the aliases it had stay where they are` });
  };
  const columns: DataColumn<Trashed>[] = [
    { id: "version", header: "Version", primary: true, value: (row) => row.version, cell: (row) => `v${row.version}` },
    { id: "by", header: "Registered by", value: (row) => row.createdBy },
    {
      id: "at",
      header: "In the trash since",
      value: (row) => row.deletedAt,
      cell: (row) => (row.deletedAt ? <RelativeTime at={row.deletedAt} /> : null),
    },
    {
      id: "acts",
      header: "Restore",
      hideHeader: true,
      sortable: false,
      value: () => null,
      cell: (row) =>
        may ? (
          <Button size="small" onClick={() => attempt(() => restore(row))}>
            Restore v{row.version}
          </Button>
        ) : null,
    },
  ];
  return (
    <Panel title="Trash" note="versions that were deleted; their numbers are not used again">
      <RecordTable
        label="Versions in the trash"
        name="trash"
        columns={columns}
        rows={query.data}
        rowId={(row) => row.id}
      />
    </Panel>
  );
}
