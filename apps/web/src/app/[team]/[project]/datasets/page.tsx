import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { DatasetList } from "./dataset-list";
import { datasetsQuery } from "./query";

export const metadata = { title: "Datasets" };

export default async function DatasetsPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const query = datasetsQuery(await urlParams(searchParams));
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.dataset.list.queryOptions({ team, project, ...query }));
  return (
    <Hydrate>
      <PageHead title="Datasets" meta="History that models learn from, in versions held against a contract" />
      <DatasetList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
