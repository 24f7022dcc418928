import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { daysOf, eventsShown } from "./overview/overview-data";
import { OverviewPage } from "./overview/overview-page";

export const metadata = { title: "Overview" };

export default async function ProjectHome({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const search = await urlParams(searchParams);
  const days = daysOf(search);
  const trpc = await api();
  const queries = getQueryClient();
  await Promise.all([
    queries.prefetchQuery(trpc.overview.get.queryOptions({ team, project, days })),
    queries.prefetchQuery(trpc.loop.events.queryOptions({ team, project, newsOnly: true, limit: eventsShown(search) })),
  ]);
  return (
    <Hydrate>
      <OverviewPage place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
