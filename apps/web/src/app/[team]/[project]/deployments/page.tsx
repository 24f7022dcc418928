import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, publicAddresses } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { DeploymentList } from "./deployment-list";

export const metadata = { title: "Deployments" };

export default async function DeploymentsPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.deployment.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <PageHead title="Deployments" meta="Names that callers ask for predictions, and which versions answer" />
      <DeploymentList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
