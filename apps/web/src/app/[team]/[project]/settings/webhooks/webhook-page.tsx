"use client";

import { CodeBlock, EmptyState, Note, PageHead, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { type FormatEvents, WebhookForm } from "./webhook-form";
import { WebhookTable } from "./webhook-table";

/** Who is told of the project's events: every address with how its deliveries stand. */
export function WebhookPage({ mayWrite, possible }: { mayWrite: boolean; possible: FormatEvents }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.webhook.list.queryOptions(scope));
  const refresh = useRefresh();
  const [made, setMade] = useState<{ name: string; secret: string }>();
  return (
    <>
      <PageHead title="Webhooks" meta="Addresses that are told of events, signed and until they answer">
        {mayWrite ? (
          <WebhookForm
            possible={possible}
            onSaved={(saved) => {
              setMade(saved);
              void refresh();
            }}
          />
        ) : null}
      </PageHead>
      {mayWrite ? null : <Note tone="info">Your role may read webhooks and deliveries, not change them.</Note>}
      {made ? (
        <Panel title={`Secret of ${made.name}`} note="shown this once">
          <PanelBody className="grid gap-3">
            <Note tone="warning" alert>
              Copy it to the receiver now: it checks the signature of every delivery with it. Nobody can read it again.
            </Note>
            <CodeBlock code={made.secret} label="The signing secret" />
          </PanelBody>
        </Panel>
      ) : null}
      <Panel>
        <QueryView query={query} what="webhooks">
          {(webhooks) => (webhooks.length === 0 ? <NoWebhooks /> : <WebhookTable webhooks={webhooks} />)}
        </QueryView>
      </Panel>
    </>
  );
}

function NoWebhooks() {
  return (
    <EmptyState
      title="Tell another system what happens here"
      explanation="A webhook sends an event, such as an alias that moved or drift that was detected, to an https address of yours. Each delivery is signed, kept, tried again for a day, and can be sent again by hand."
      steps={[
        {
          title: "Have something that listens: it answers 2xx within 10 seconds",
          code: `$ node -e "require('http').createServer((q,s)=>{q.pipe(process.stdout);s.end()}).listen(9000)"`,
          help: "A private or plain http address works only where the operator lists its host in BALLAST_WEBHOOK_HOSTS.",
        },
        {
          title: "Make the webhook with New webhook, then press Send a test",
          code: "webhook-signature = v1,base64(HMAC-SHA256(secret, id.timestamp.body))",
        },
      ]}
    />
  );
}
