import { mayDo } from "@ballast/core";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { WebhookView } from "./webhook-view";

export const metadata = { title: "Webhook" };

export default async function WebhookDetailPage({ params }: ProjectPageProps<{ webhook: string }>) {
  const { team, project, webhook: webhookId } = await params;
  const { account, team: membership } = await requireProject(team, project);
  const actor = { type: "user" as const, id: account.id, name: account.name, role: membership.role };
  const trpc = await api();
  await loadOrNotFound(() => getQueryClient().fetchQuery(trpc.webhook.get.queryOptions({ team, project, webhookId })));
  return (
    <Hydrate>
      <WebhookView webhookId={webhookId} mayWrite={mayDo(actor, "webhook.write")} />
    </Hydrate>
  );
}
