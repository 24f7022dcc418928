"use client";

import { type DataColumn, formatCount, Link, RelativeTime, Status } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";

export type Webhook = Outputs["webhook"]["list"][number];

/** State in words: disabled by whom, or how deliveries stand. */
function WebhookStatus({ webhook }: { webhook: Pick<Webhook, "state" | "reason" | "failed" | "pending"> }) {
  if (webhook.state === "disabled") {
    return <Status tone={webhook.reason ? "warning" : "idle"}>{webhook.reason ? "disabled: gone" : "disabled"}</Status>;
  }
  if (webhook.failed > 0) return <Status tone="warning">{formatCount(webhook.failed)} given up</Status>;
  return <Status tone="healthy">active</Status>;
}

export function WebhookTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { base } = useProject();
  const columns: DataColumn<Webhook>[] = [
    {
      id: "name",
      header: "Webhook",
      primary: true,
      value: (row) => row.name,
      cell: (row) => <Link href={`${base}/settings/webhooks/${row.id}`}>{row.name}</Link>,
    },
    { id: "state", header: "State", value: (row) => row.state, cell: (row) => <WebhookStatus webhook={row} /> },
    { id: "url", header: "Address", wide: true, value: (row) => row.url, cell: (row) => <code>{row.url}</code> },
    {
      id: "events",
      header: "Events",
      value: (row) => row.events.length,
      cell: (row) => (row.events.includes("*") ? "all" : formatCount(row.events.length)),
    },
    { id: "format", header: "Format", value: (row) => row.format },
    {
      id: "delivered",
      header: "Delivered",
      numeric: true,
      value: (row) => row.delivered,
      cell: (row) => formatCount(row.delivered),
    },
    {
      id: "pending",
      header: "Waiting",
      numeric: true,
      value: (row) => row.pending,
      cell: (row) => formatCount(row.pending),
    },
    {
      id: "failed",
      header: "Given up",
      numeric: true,
      value: (row) => row.failed,
      cell: (row) => formatCount(row.failed),
    },
    {
      id: "last",
      header: "Last event",
      descendingFirst: true,
      value: (row) => row.lastAt,
      cell: (row) => (row.lastAt ? <RelativeTime at={row.lastAt} /> : "none yet"),
    },
  ];
  return <RecordTable label="Webhooks" columns={columns} rows={webhooks} rowId={(row) => row.id} />;
}
