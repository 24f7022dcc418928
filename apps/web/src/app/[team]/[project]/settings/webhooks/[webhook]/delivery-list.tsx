"use client";

import {
  Button,
  type DataColumn,
  formatCount,
  formatExactTime,
  Link,
  Panel,
  RelativeTime,
  SegmentedLinks,
  useToast,
} from "@ballast/ui";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { DeliveryPanel } from "./delivery-panel";
import { DeliveryStatus } from "./delivery-status";

type Delivery = Outputs["webhook"]["deliveries"]["deliveries"][number];
const STATES = ["pending", "delivered", "failed"] as const;
const STATE_WORDS = { pending: "Waiting", delivered: "Delivered", failed: "Given up" } as const;
/** While something waits, the list is read again by itself. */
const LOOK_MS = 3_000;

/** Deliveries, newest first; the chosen one opens beneath with its bodies. */
export function DeliveryList({ webhookId, mayWrite }: { webhookId: string; mayWrite: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params, href } = useUrlState();
  const state = STATES.find((one) => one === params.get("state"));
  const before = params.get("before");
  const chosen = params.get("delivery");
  const input = { ...scope, webhookId, state, before: before ? new Date(before) : undefined };
  const query = useQuery(
    trpc.webhook.deliveries.queryOptions(input, {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state: { data } }) =>
        data?.deliveries.some((delivery) => delivery.state === "pending") ? LOOK_MS : false,
    }),
  );
  return (
    <>
      {chosen ? <DeliveryPanel deliveryId={chosen} mayWrite={mayWrite} /> : null}
      <Panel title="Deliveries" actions={mayWrite ? <ReplayFailed webhookId={webhookId} /> : undefined}>
        <div className="filter-bar">
          <SegmentedLinks
            label="Deliveries shown"
            current={state ?? "all"}
            options={[
              { value: "all", label: "All", href: href({ state: null, before: null }) },
              ...STATES.map((one) => ({
                value: one,
                label: STATE_WORDS[one],
                href: href({ state: one, before: null }),
              })),
            ]}
          />
        </div>
        <QueryView query={query} what="deliveries">
          {({ deliveries, next }) => (
            <DeliveryTable deliveries={deliveries} next={next?.toISOString() ?? null} chosen={chosen} />
          )}
        </QueryView>
      </Panel>
    </>
  );
}

function DeliveryTable({
  deliveries,
  next,
  chosen,
}: {
  deliveries: readonly Delivery[];
  next: string | null;
  chosen: string | null;
}) {
  const { href } = useUrlState();
  const columns: DataColumn<Delivery>[] = [
    {
      id: "event",
      header: "Event",
      primary: true,
      value: (row) => row.eventName,
      cell: (row) => (
        <Link href={href({ delivery: row.id })}>
          <code>{row.eventName}</code>
        </Link>
      ),
    },
    { id: "state", header: "State", value: (row) => row.state, cell: (row) => <DeliveryStatus delivery={row} /> },
    {
      id: "answer",
      header: "Answer",
      numeric: true,
      value: (row) => row.responseStatus,
      cell: (row) => row.responseStatus ?? "–",
    },
    { id: "error", header: "Why", wide: true, value: (row) => row.error ?? "" },
    {
      id: "at",
      header: "Event at",
      descendingFirst: true,
      value: (row) => row.createdAt,
      cell: (row) => (
        <span title={formatExactTime(row.createdAt)}>
          <RelativeTime at={row.createdAt} />
        </span>
      ),
    },
  ];
  return (
    <RecordTable
      label="Deliveries"
      columns={columns}
      rows={deliveries}
      rowId={(row) => row.id}
      selected={(row) => row.id === chosen}
      empty="No such delivery. An event that the webhook listens for makes one."
      pages={{ shown: `${deliveries.length} deliveries`, next }}
    />
  );
}

function ReplayFailed({ webhookId }: { webhookId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const attempt = useAttempt();
  const replay = useMutation(trpc.webhook.replay.mutationOptions());
  const sendAgain = async () => {
    const { replayed } = await replay.mutateAsync({ ...scope, replay: { webhookId } });
    show({ text: replayed === 0 ? "Nothing was given up" : `${formatCount(replayed)} are sent again` });
    await refresh();
  };
  return (
    <Button size="small" busy={replay.isPending} onClick={() => attempt(sendAgain)}>
      Send all given up again
    </Button>
  );
}
