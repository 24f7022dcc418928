import { mayDo, PERMISSIONS } from "@ballast/core";
import type { ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { ServiceAccountPage } from "./service-account-page";

export const metadata = { title: "Service accounts" };

export default async function ServiceAccountsPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { account, team: membership } = await requireProject(team, project);
  const actor = { type: "user" as const, id: account.id, name: account.name, role: membership.role };
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.serviceAccount.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <ServiceAccountPage
        grantable={PERMISSIONS.filter((permission) => mayDo(actor, permission))}
        mayManage={mayDo(actor, "team.manage")}
        mayDisable={mayDo(actor, "token.write")}
      />
    </Hydrate>
  );
}
