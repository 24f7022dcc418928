"use client";

import {
  actColumn,
  Button,
  ConfirmDialog,
  type DataColumn,
  formatBytes,
  formatCount,
  Note,
  RelativeTime,
  useToast,
} from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import type { MayRestore } from "./trash-page";

type Item = Outputs["trash"]["list"]["items"][number];

export const KIND_WORDS: Record<Item["kind"], { one: string; many: string; parts?: string }> = {
  experiment: { one: "experiment", many: "Experiments", parts: "runs" },
  run: { one: "run", many: "Runs" },
  logged_model: { one: "logged model", many: "Logged models" },
  model: { one: "model", many: "Models", parts: "versions" },
  model_version: { one: "version", many: "Versions" },
};

interface TableProps {
  items: readonly Item[];
  /** True where there are more than these. */
  part: boolean;
  mayRestore: MayRestore;
  mayPurge: boolean;
}

export function TrashTable({ items, part, mayRestore, mayPurge }: TableProps) {
  const [failure, setFailure] = useState<string>();
  const columns: DataColumn<Item>[] = [
    {
      id: "name",
      header: "Name",
      primary: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          <b>{row.name}</b> {row.within ? <small className="muted">of {row.within}</small> : null}
        </>
      ),
    },
    { id: "kind", header: "Kind", value: (row) => KIND_WORDS[row.kind].one },
    {
      id: "parts",
      header: "Holds",
      numeric: true,
      value: (row) => row.parts,
      cell: (row) => (row.parts === null ? "–" : `${formatCount(row.parts)} ${KIND_WORDS[row.kind].parts ?? ""}`),
    },
    {
      id: "bytes",
      header: "Files",
      numeric: true,
      descendingFirst: true,
      value: (row) => row.bytes,
      cell: (row) => formatBytes(row.bytes),
    },
    {
      id: "at",
      header: "Deleted",
      descendingFirst: true,
      value: (row) => row.deletedAt,
      cell: (row) => <RelativeTime at={row.deletedAt} />,
    },
    actColumn("Restore or delete", (row) => (
      <span className="row">
        {mayRestore[isRegistered(row) ? "registered" : "tracked"] ? (
          <Restore item={row} onFailure={setFailure} />
        ) : null}
        {mayPurge ? <Purge item={row} /> : null}
      </span>
    )),
  ];
  return (
    <>
      {failure ? (
        <Note tone="breach" alert>
          {failure}
        </Note>
      ) : null}
      <RecordTable
        label="Trash"
        columns={columns}
        rows={items}
        part={part}
        rowId={(row) => `${row.kind} ${row.id}`}
        empty="Nothing is in the trash. What is deleted anywhere in the project comes here first."
      />
    </>
  );
}

const isRegistered = (item: Item): item is Item & { kind: "model" | "model_version" } =>
  item.kind === "model" || item.kind === "model_version";

function Restore({ item, onFailure }: { item: Item; onFailure: (message: string | undefined) => void }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const tracked = useMutation(trpc.trash.restore.mutationOptions());
  const registered = useMutation(trpc.trash.restoreModel.mutationOptions());
  const restore = async () => {
    onFailure(undefined);
    const { id, kind } = item;
    try {
      if (kind === "model" || kind === "model_version") await registered.mutateAsync({ ...scope, item: { kind, id } });
      else await tracked.mutateAsync({ ...scope, item: { kind, id } });
      show({ text: `${item.name} is back` });
      await refresh();
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Button
      size="small"
      busy={tracked.isPending || registered.isPending}
      aria-label={`Restore ${item.name}`}
      onClick={() => void restore()}
    >
      Restore
    </Button>
  );
}

function Purge({ item }: { item: Item }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const purge = useMutation(trpc.trash.purge.mutationOptions());
  const { one, parts } = KIND_WORDS[item.kind];
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" variant="danger" aria-label={`Delete ${item.name} for good…`}>
          Delete for good…
        </Button>
      }
      title={`Delete the ${one} ${item.name} for good`}
      effects={[
        item.parts === null || !parts
          ? `The ${one} is deleted.`
          : `The ${one} and its ${formatCount(item.parts)} ${parts} are deleted.`,
        `It names ${formatBytes(item.bytes)} of files. What nothing else names is freed, at the latest a day after it was stored.`,
      ]}
      undo="This cannot be undone."
      confirmLabel="Delete for good"
      danger
      typeToConfirm={item.name}
      onConfirm={async () => {
        await purge.mutateAsync({ ...scope, items: [{ kind: item.kind, id: item.id }] });
        show({ text: `${item.name} is deleted` });
        await refresh();
        return undefined;
      }}
    />
  );
}
