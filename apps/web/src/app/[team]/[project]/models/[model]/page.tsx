import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { ModelView } from "./model-view";
import { APPROVALS_SHOWN, MOVES_SHOWN, modelQuery } from "./query";

type Props = ProjectPageProps<{ model: string }>;

export async function generateMetadata({ params }: Props) {
  return { title: decodeURIComponent((await params).model) };
}

export default async function ModelPage({ params, searchParams }: Props) {
  const { team, project, model: segment } = await params;
  const model = decodeURIComponent(segment);
  const query = modelQuery(model, await urlParams(searchParams));
  const [trpc, queries] = [await api(), getQueryClient()];
  const found = await loadOrNotFound(() =>
    queries.fetchQuery(trpc.model.get.queryOptions({ team, project, ...query })),
  );
  await Promise.all([
    queries.prefetchQuery(trpc.finops.unitCosts.queryOptions({ team, project, modelId: found.model.id })),
    queries.prefetchQuery(
      trpc.model.approvals.queryOptions({ team, project, modelId: found.model.id, limit: APPROVALS_SHOWN }),
    ),
    queries.prefetchQuery(trpc.model.approvalRules.queryOptions({ team, project, modelId: found.model.id })),
    queries.prefetchQuery(
      trpc.model.aliasHistory.queryOptions({ team, project, modelId: found.model.id, limit: MOVES_SHOWN }),
    ),
    queries.prefetchQuery(trpc.model.trashedVersions.queryOptions({ team, project, modelId: found.model.id })),
    queries.prefetchQuery(trpc.deployment.list.queryOptions({ team, project })),
  ]);
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: found.model.name }]} />
      <ModelView model={model} />
    </Hydrate>
  );
}
