import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { RunList } from "./run-list";
import { comparedIds, runsQuery } from "./runs-query";

export const metadata = { title: "Runs" };

export default async function RunsPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const url = await urlParams(searchParams);
  const [trpc, queries] = [await api(), getQueryClient()];
  await Promise.all([
    queries.prefetchQuery(trpc.experiment.runs.queryOptions({ team, project, query: runsQuery(url) })),
    queries.prefetchQuery(trpc.experiment.experiments.queryOptions({ team, project })),
    ...comparedIds(url).map((runId) =>
      queries.prefetchQuery(trpc.experiment.run.queryOptions({ team, project, runId })),
    ),
  ]);
  return (
    <Hydrate>
      <RunList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
