"use client";

import {
  Button,
  ConfirmDialog,
  Facts,
  formatCount,
  Note,
  PageHead,
  Panel,
  PanelBody,
  Status,
  useToast,
} from "@ballast/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { DeliveryList } from "./delivery-list";

type Webhook = Outputs["webhook"]["get"];

/** One webhook: what it is, what was sent, what came back. */
export function WebhookView({ webhookId, mayWrite }: { webhookId: string; mayWrite: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.webhook.get.queryOptions({ ...scope, webhookId }));
  return (
    <QueryView query={query} what="webhook" rows={4}>
      {(webhook) => (
        <>
          <PageHead title={webhook.name} meta={webhook.url}>
            {mayWrite ? <Acts webhook={webhook} /> : null}
          </PageHead>
          {webhook.reason ? <Note tone="warning">It was disabled by the platform. {webhook.reason}</Note> : null}
          <Panel title="Webhook">
            <PanelBody>
              <Facts
                rows={[
                  [
                    "State",
                    <Status key="state" tone={webhook.state === "active" ? "healthy" : "idle"}>
                      {webhook.state}
                    </Status>,
                  ],
                  ["Format", webhook.format],
                  ["Signed", webhook.signed ? "yes, with its secret" : "no: anybody could send the like"],
                  [
                    "Events",
                    <code key="events">{webhook.events.includes("*") ? "all" : webhook.events.join(", ")}</code>,
                  ],
                  ["Made by", webhook.createdBy],
                ]}
              />
            </PanelBody>
          </Panel>
          <DeliveryList webhookId={webhook.id} mayWrite={mayWrite} />
        </>
      )}
    </QueryView>
  );
}

function Acts({ webhook }: { webhook: Webhook }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const router = useRouter();
  const test = useMutation(trpc.webhook.test.mutationOptions());
  const update = useMutation(trpc.webhook.update.mutationOptions());
  const remove = useMutation(trpc.webhook.delete.mutationOptions());
  const [result, setResult] = useState<Outputs["webhook"]["test"]>();
  const active = webhook.state === "active";
  const attempt = useAttempt();
  const sendTest = async () => {
    setResult(await test.mutateAsync({ ...scope, webhookId: webhook.id }));
    await refresh();
  };
  const turn = async (state: "active" | "disabled") => {
    await update.mutateAsync({ ...scope, webhookId: webhook.id, change: { state } });
    await refresh();
  };
  const toggle = async () => {
    await turn(active ? "disabled" : "active");
    show({
      text: active ? "Nothing more is sent" : "Events are sent again",
      undo: () => attempt(() => turn(webhook.state)),
    });
  };
  return (
    <>
      {result ? <TestResult result={result} /> : null}
      <Button busy={test.isPending} onClick={() => attempt(sendTest)}>
        {test.isPending ? "Sending" : "Send a test"}
      </Button>
      <Button busy={update.isPending} onClick={() => attempt(toggle)}>
        {active ? "Disable" : "Enable"}
      </Button>
      <ConfirmDialog
        trigger={<Button variant="danger">Delete…</Button>}
        title={`Delete ${webhook.name}`}
        effects={["Nothing more is sent to it.", "Deliveries that wait are given up.", "Its secret is forgotten."]}
        undo="This cannot be undone; a new webhook can be made."
        confirmLabel="Delete webhook"
        danger
        onConfirm={async () => {
          await remove.mutateAsync({ ...scope, webhookId: webhook.id });
          router.push(`${base}/settings/webhooks`);
          await refresh();
          return undefined;
        }}
      />
    </>
  );
}

function TestResult({ result }: { result: Outputs["webhook"]["test"] }) {
  if (result.success) return <Status tone="healthy">answered {formatCount(result.status)}</Status>;
  return <Status tone="breach">{result.status === null ? result.error : `answered ${result.status}`}</Status>;
}
