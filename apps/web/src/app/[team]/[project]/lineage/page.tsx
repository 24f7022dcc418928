import { loadOrNotFound, type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { LineagePage } from "./lineage-page";
import { lineageQuery } from "./query";

export const metadata = { title: "Lineage" };

export default async function ProjectLineagePage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const query = lineageQuery(await urlParams(searchParams));
  const trpc = await api();
  if (query)
    await loadOrNotFound(() => getQueryClient().fetchQuery(trpc.model.graph.queryOptions({ team, project, ...query })));
  return (
    <Hydrate>
      <LineagePage />
    </Hydrate>
  );
}
