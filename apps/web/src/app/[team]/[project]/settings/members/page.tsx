import { type ProjectPageProps, publicAddresses } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { MemberPage } from "./member-page";

export const metadata = { title: "People" };

export default async function MembersPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { account, team: membership, may } = await requireProject(team, project);
  const mayManage = may("team.manage");
  const trpc = await api();
  const queries = getQueryClient();
  await Promise.all([
    queries.prefetchQuery(trpc.member.list.queryOptions({ team, project })),
    ...(mayManage ? [queries.prefetchQuery(trpc.invitation.list.queryOptions({ team, project }))] : []),
  ]);
  const { web } = await publicAddresses();
  return (
    <Hydrate>
      <MemberPage web={web} me={account.id} team={membership.name} mayManage={mayManage} />
    </Hydrate>
  );
}
