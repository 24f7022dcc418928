import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { RunsPage } from "./runs-page";
import { HEAD_SIZE, tableState } from "./table/table-state";

export const metadata = { title: "Runs" };

export default async function Runs({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const { search } = tableState(await urlParams(searchParams));
  const { experimentIds } = search;
  const [trpc, queries] = [await api(), getQueryClient()];
  // All of it is waited for: what came between the drawing here and the drawing there would be two different pages.
  await Promise.all([
    queries.prefetchQuery(trpc.experiment.search.queryOptions({ team, project, ...search, limit: HEAD_SIZE })),
    queries.prefetchQuery(
      trpc.experiment.columns.queryOptions({ team, project, ...(experimentIds ? { experimentIds } : {}) }),
    ),
    queries.prefetchQuery(trpc.experiment.experiments.queryOptions({ team, project })),
  ]);
  return (
    <Hydrate>
      <RunsPage place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
