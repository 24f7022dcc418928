import { mayDo, PERMISSIONS } from "@ballast/core";
import { type ProjectPageProps, publicAddresses } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { TokenPage } from "./token-page";

export const metadata = { title: "Tokens" };

export default async function TokensPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { account, team: membership } = await requireProject(team, project);
  const actor = { type: "user" as const, id: account.id, name: account.name, role: membership.role };
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.token.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <TokenPage
        place={{ ...(await publicAddresses()), team, project }}
        grantable={PERMISSIONS.filter((permission) => mayDo(actor, permission))}
        mayWrite={mayDo(actor, "token.write")}
      />
    </Hydrate>
  );
}
