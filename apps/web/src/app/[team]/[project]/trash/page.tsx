import { type ProjectPageProps, urlParams } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { REPORTS_SHOWN, trashQuery } from "./query";
import { TrashPage } from "./trash-page";

export const metadata = { title: "Trash" };

export default async function TrashAndRetentionPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const asked = trashQuery(await urlParams(searchParams));
  const trpc = await api();
  const queries = getQueryClient();
  await Promise.all([
    queries.prefetchQuery(trpc.trash.list.queryOptions({ team, project, ...asked })),
    queries.prefetchQuery(trpc.trash.rules.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.experiment.experiments.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.trash.reports.queryOptions({ team, project, limit: REPORTS_SHOWN })),
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
