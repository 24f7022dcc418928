import { eventsOf } from "@ballast/governance";
import type { ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { WebhookPage } from "./webhook-page";

export const metadata = { title: "Webhooks" };

const POSSIBLE = {
  cloudevents: eventsOf("cloudevents"),
  mlflow: eventsOf("mlflow"),
  openlineage: eventsOf("openlineage"),
};

export default async function WebhooksPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.webhook.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <WebhookPage mayWrite={may("webhook.write")} possible={POSSIBLE} />
    </Hydrate>
  );
}
