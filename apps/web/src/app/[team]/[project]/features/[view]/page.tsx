import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { FeatureViewPage } from "./feature-view";

type Props = ProjectPageProps<{ view: string }>;

export async function generateMetadata({ params }: Props) {
  return { title: decodeURIComponent((await params).view) };
}

export default async function ViewPage({ params }: Props) {
  const { team, project, view } = await params;
  const name = decodeURIComponent(view);
  const trpc = await api();
  await loadOrNotFound(() => getQueryClient().fetchQuery(trpc.feature.get.queryOptions({ team, project, name })));
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: name }]} />
      <FeatureViewPage name={name} />
    </Hydrate>
  );
}
