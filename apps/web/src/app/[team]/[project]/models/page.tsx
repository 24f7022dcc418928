import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { ModelList } from "./model-list";
import { modelsQuery } from "./query";

export const metadata = { title: "Models" };

export default async function ModelsPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const query = modelsQuery(await urlParams(searchParams));
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.model.list.queryOptions({ team, project, ...query }));
  return (
    <Hydrate>
      <PageHead title="Models" meta="Names with versions, each traced to its data, features, run and code" />
      <ModelList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
