import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { WebhookView } from "./webhook-view";

export const metadata = { title: "Webhook" };

export default async function WebhookDetailPage({ params }: ProjectPageProps<{ webhook: string }>) {
  const { team, project, webhook: webhookId } = await params;
  const { may } = await requireProject(team, project);
  const trpc = await api();
  await loadOrNotFound(() => getQueryClient().fetchQuery(trpc.webhook.get.queryOptions({ team, project, webhookId })));
  return (
    <Hydrate>
      <WebhookView webhookId={webhookId} mayWrite={may("webhook.write")} />
    </Hydrate>
  );
}
