import type { ProjectPageProps } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { TrashPage } from "./trash-page";

export const metadata = { title: "Trash" };

export default async function TrashAndRetentionPage({ params }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const trpc = await api();
  const queries = getQueryClient();
  await Promise.all([
    queries.prefetchQuery(trpc.trash.list.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.trash.rules.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.trash.reports.queryOptions({ team, project, limit: 10 })),
  ]);
  return (
    <Hydrate>
      <TrashPage
        mayRestore={{ tracked: may("experiment.write"), registered: may("model.write") }}
        mayPurge={may("trash.purge")}
      />
    </Hydrate>
  );
}
