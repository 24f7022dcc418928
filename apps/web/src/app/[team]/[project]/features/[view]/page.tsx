import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { usesQuery } from "../query";
import { FeatureViewPage } from "./feature-view";

type Props = ProjectPageProps<{ view: string }>;

export async function generateMetadata({ params }: Props) {
  return { title: decodeURIComponent((await params).view) };
}

export default async function ViewPage({ params, searchParams }: Props) {
  const { team, project, view } = await params;
  const name = decodeURIComponent(view);
  const trpc = await api();
  const queries = getQueryClient();
  const uses = trpc.feature.uses.queryOptions({ team, project, name, ...usesQuery(await urlParams(searchParams)) });
  await loadOrNotFound(() => queries.fetchQuery(trpc.feature.get.queryOptions({ team, project, name })));
  await queries.prefetchQuery(uses);
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: name }]} />
      <FeatureViewPage name={name} />
    </Hydrate>
  );
}
