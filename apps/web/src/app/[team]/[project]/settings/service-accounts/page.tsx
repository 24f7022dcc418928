import { PERMISSIONS } from "@ballast/core";
import type { ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { ServiceAccountPage } from "./service-account-page";

export const metadata = { title: "Service accounts" };

export default async function ServiceAccountsPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.serviceAccount.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <ServiceAccountPage
        grantable={PERMISSIONS.filter(may)}
        mayManage={may("team.manage")}
        mayDisable={may("token.write")}
      />
    </Hydrate>
  );
}
