import { PERMISSIONS } from "@ballast/core";
import { type ProjectPageProps, publicAddresses } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { TokenPage } from "./token-page";

export const metadata = { title: "Tokens" };

export default async function TokensPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.token.list.queryOptions({ team, project }));
  return (
    <Hydrate>
      <TokenPage
        place={{ ...(await publicAddresses()), team, project }}
        grantable={PERMISSIONS.filter(may)}
        mayWrite={may("token.write")}
      />
    </Hydrate>
  );
}
