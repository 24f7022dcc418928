import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { api, getQueryClient, Hydrate, serverCaller } from "@/trpc/server";
import { IncidentPage } from "./incident-page";

export const metadata = { title: "Incident" };

export default async function Page({ params }: ProjectPageProps<{ incident: string }>) {
  const { team, project, incident } = await params;
  const input = { team, project, incidentId: decodeURIComponent(incident) };
  const caller = await serverCaller();
  const found = await loadOrNotFound(() => caller.monitoring.incident(input));
  const trpc = await api();
  const queries = getQueryClient();
  queries.setQueryData(trpc.monitoring.incident.queryKey(input), found);
  await queries.prefetchQuery(trpc.monitoring.overviews.queryOptions({ team, project }));
  return (
    <Hydrate>
      <IncidentPage id={input.incidentId} />
    </Hydrate>
  );
}
