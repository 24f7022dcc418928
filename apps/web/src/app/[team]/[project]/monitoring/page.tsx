import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { cellOf, daysOf, rangeOf, WINDOWS_LISTED, watchedOf } from "./monitoring-data";
import { MonitoringPage } from "./monitoring-page";

export const metadata = { title: "Monitoring" };

export default async function Page({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const scope = { team, project };
  const search = await urlParams(searchParams);
  const trpc = await api();
  const queries = getQueryClient();
  const watched = watchedOf(await queries.fetchQuery(trpc.monitoring.overviews.queryOptions(scope)), search);
  if (watched?.window) {
    const of = { ...scope, deployment: watched.deployment.name };
    const range = rangeOf(watched, daysOf(search));
    const test = search.get("test") ?? undefined;
    const before = search.get("before") ?? undefined;
    const [map] = await Promise.all([
      queries.fetchQuery(trpc.monitoring.heatMap.queryOptions({ ...of, range, test })),
      queries.prefetchQuery(trpc.monitoring.performance.queryOptions({ ...of, range })),
      queries.prefetchQuery(trpc.monitoring.windows.queryOptions({ ...of, before, limit: WINDOWS_LISTED })),
    ]);
    const cell = cellOf(map, search);
    if (cell)
      await queries.prefetchQuery(
        trpc.monitoring.distribution.queryOptions({ ...of, column: cell.column, day: cell.day }),
      );
  }
  return (
    <Hydrate>
      <MonitoringPage place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
