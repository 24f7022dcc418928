import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { IncidentList } from "./incident-list";
import { incidentsQuery } from "./query";

export const metadata = { title: "Incidents" };

export default async function IncidentsPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const trpc = await api();
  const query = incidentsQuery(await urlParams(searchParams));
  await getQueryClient().prefetchQuery(trpc.monitoring.incidents.queryOptions({ team, project, ...query }));
  return (
    <Hydrate>
      <PageHead title="Incidents" meta="What the monitors named, and what a person decided about it" />
      <IncidentList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
