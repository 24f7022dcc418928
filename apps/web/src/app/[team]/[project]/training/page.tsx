import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { requireProject } from "@/server/account";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { jobsQuery } from "./query";
import { TrainingPage } from "./training-page";

export const metadata = { title: "Training" };

export default async function Training({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const { may } = await requireProject(team, project);
  const url = await urlParams(searchParams);
  const [trpc, queries] = [await api(), getQueryClient()];
  await Promise.all([
    queries.prefetchQuery(trpc.training.jobs.queryOptions({ team, project, ...jobsQuery(url) })),
    queries.prefetchQuery(trpc.training.pipelines.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.training.policies.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.deployment.list.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.loop.progress.queryOptions({ team, project })),
  ]);
  return (
    <Hydrate>
      <TrainingPage place={{ ...(await publicAddresses()), team, project }} mayRequest={may("training.request")} />
    </Hydrate>
  );
}
