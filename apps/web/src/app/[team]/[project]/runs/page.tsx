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
  const [first] = [
    queries.prefetchQuery(trpc.experiment.search.queryOptions({ team, project, ...search, limit: HEAD_SIZE })),
    queries.prefetchQuery(
      trpc.experiment.columns.queryOptions({ team, project, ...(experimentIds ? { experimentIds } : {}) }),
    ),
    queries.prefetchQuery(trpc.experiment.experiments.queryOptions({ team, project })),
  ];
  // The rows are what is waited for; what is around them may come a moment later, in the same answer.
  await first;
  return (
    <Hydrate>
      <RunsPage place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
