import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { FeatureList } from "./feature-list";
import { featuresQuery } from "./query";

export const metadata = { title: "Features" };

export default async function FeaturesPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const query = featuresQuery(await urlParams(searchParams));
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.feature.list.queryOptions({ team, project, ...query }));
  return (
    <Hydrate>
      <PageHead title="Features" meta="One definition, computed the same when serving and when training" />
      <FeatureList place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
