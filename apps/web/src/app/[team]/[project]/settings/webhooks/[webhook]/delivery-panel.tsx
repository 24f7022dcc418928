"use client";

import {
  Button,
  CodeBlock,
  Facts,
  formatDateTime,
  formatDuration,
  Link,
  Panel,
  PanelBody,
  useToast,
} from "@ballast/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import { QueryView } from "@/page/query-view";
import { readableJson } from "@/page/readable-json";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { DeliveryStatus } from "./delivery-status";

/** A delivery with what was sent, what was answered, and every attempt. */
export function DeliveryPanel({ deliveryId, mayWrite }: { deliveryId: string; mayWrite: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { href } = useUrlState();
  const { show } = useToast();
  const refresh = useRefresh();
  const query = useQuery(trpc.webhook.delivery.queryOptions({ ...scope, deliveryId }));
  const replay = useMutation(trpc.webhook.replay.mutationOptions());
  const attempt = useAttempt();
  const sendAgain = async () => {
    await replay.mutateAsync({ ...scope, replay: { deliveryIds: [deliveryId] } });
    show({ text: "It is sent again: same id, same body" });
    await refresh();
  };
  const again = query.data && query.data.eventId !== null && query.data.state !== "pending";
  return (
    <Panel
      title="Delivery"
      note={deliveryId}
      actions={
        <>
          {mayWrite && again ? (
            <Button size="small" busy={replay.isPending} onClick={() => attempt(sendAgain)}>
              Send again
            </Button>
          ) : null}
          <Button asChild size="small" variant="ghost">
            <Link href={href({ delivery: null })}>Close</Link>
          </Button>
        </>
      }
    >
      <QueryView query={query} what="delivery" rows={4}>
        {(delivery) => (
          <PanelBody className="grid gap-3">
            <Facts
              rows={[
                ["State", <DeliveryStatus key="state" delivery={delivery} />],
                ["Event", <code key="event">{delivery.eventName}</code>],
                ["Last answer", delivery.responseStatus ?? delivery.error ?? "none yet"],
              ]}
            />
            {delivery.log.length > 0 ? (
              <section aria-label="Attempts">
                <h3 className="mb-1 font-medium">Attempts</h3>
                <ol className="grid gap-1">
                  {delivery.log.map((attempt) => (
                    <li key={attempt.at} className="row">
                      <span className="tabular">{formatDateTime(attempt.at)} UTC</span>
                      <span>{attempt.status ?? "no answer"}</span>
                      <span className="muted">{formatDuration(attempt.ms)}</span>
                      <span className="secondary">{attempt.error}</span>
                    </li>
                  ))}
                </ol>
              </section>
            ) : null}
            <CodeBlock code={delivery.payload ? readableJson(delivery.payload) : "not made yet"} label="Sent" />
            {delivery.responseBody ? <CodeBlock code={delivery.responseBody} label="Answered" /> : null}
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}
