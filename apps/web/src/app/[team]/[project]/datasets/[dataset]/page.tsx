import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { DatasetView } from "./dataset-view";

type Props = ProjectPageProps<{ dataset: string }>;

export async function generateMetadata({ params }: Props) {
  return { title: decodeURIComponent((await params).dataset) };
}

export default async function DatasetPage({ params }: Props) {
  const { team, project, dataset: segment } = await params;
  const dataset = decodeURIComponent(segment);
  const trpc = await api();
  const found = await loadOrNotFound(() =>
    getQueryClient().fetchQuery(trpc.dataset.get.queryOptions({ team, project, dataset })),
  );
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: found.name }]} />
      <DatasetView dataset={dataset} />
    </Hydrate>
  );
}
