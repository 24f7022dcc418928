import type { Metadata } from "next";
import { loadOrNotFound, type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate, serverCaller } from "@/trpc/server";
import { DECISIONS_READ, NEWEST_ROLLOUTS, rolloutsQuery } from "./deployment-data";
import { DeploymentPage } from "./deployment-page";

type Props = ProjectPageProps<{ deployment: string }>;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).deployment) };
}

export default async function Page({ params, searchParams }: Props) {
  const { team, project, deployment: segment } = await params;
  const scope = { team, project };
  const name = decodeURIComponent(segment);
  const caller = await serverCaller();
  const deployment = await loadOrNotFound(() => caller.deployment.get({ ...scope, deployment: name }));
  const trpc = await api();
  const queries = getQueryClient();
  queries.setQueryData(trpc.deployment.get.queryKey({ ...scope, deployment: name }), deployment);
  const listed = trpc.rollout.list.queryOptions({ ...scope, deployment: name, ...NEWEST_ROLLOUTS });
  const rollouts = await queries.fetchQuery(listed);
  const address = await urlParams(searchParams);
  const asked = address.get("rollout");
  const newest = deployment.rollout?.id ?? rollouts.rollouts[0]?.id;
  const rolloutId = asked ?? newest;
  await Promise.all([
    queries.prefetchQuery(trpc.rollout.list.queryOptions({ ...scope, deployment: name, ...rolloutsQuery(address) })),
    queries.prefetchQuery(trpc.finops.unitCosts.queryOptions(scope)),
    queries.prefetchQuery(trpc.monitoring.overview.queryOptions({ ...scope, deployment: name })),
    queries.prefetchQuery(trpc.monitoring.performance.queryOptions({ ...scope, deployment: name })),
    ...(newest && newest !== rolloutId
      ? [queries.prefetchQuery(trpc.rollout.get.queryOptions({ ...scope, rolloutId: newest }))]
      : []),
    ...(rolloutId
      ? [
          queries.prefetchQuery(trpc.rollout.get.queryOptions({ ...scope, rolloutId })),
          queries.prefetchQuery(trpc.rollout.decisions.queryOptions({ ...scope, rolloutId, limit: DECISIONS_READ })),
        ]
      : []),
  ]);
  return (
    <Hydrate>
      <DeploymentPage name={name} />
    </Hydrate>
  );
}
