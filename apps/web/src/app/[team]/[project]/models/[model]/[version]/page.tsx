import { notFound } from "next/navigation";
import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { modelPath } from "@/page/record-paths";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { APPROVALS_SHOWN } from "../query";
import { versionIdOf } from "./version-id";
import { VersionView } from "./version-view";

type Props = ProjectPageProps<{ model: string; version: string }>;

export async function generateMetadata({ params }: Props) {
  const { model, version } = await params;
  return { title: `${decodeURIComponent(model)} ${decodeURIComponent(version)}` };
}

export default async function VersionPage({ params }: Props) {
  const { team, project, ...segments } = await params;
  const [model, segment] = [decodeURIComponent(segments.model), decodeURIComponent(segments.version)];
  const versionId = await versionIdOf({ team, project }, model, segment);
  const [trpc, queries] = [await api(), getQueryClient()];
  const found = await loadOrNotFound(() =>
    queries.fetchQuery(trpc.model.version.queryOptions({ team, project, versionId })),
  );
  if (found.model.name !== model && found.model.id !== model) notFound();
  await Promise.all([
    queries.prefetchQuery(trpc.model.lineage.queryOptions({ team, project, versionId })),
    queries.prefetchQuery(trpc.finops.unitCosts.queryOptions({ team, project, modelId: found.model.id })),
    queries.prefetchQuery(
      trpc.model.approvals.queryOptions({ team, project, modelId: found.model.id, limit: APPROVALS_SHOWN }),
    ),
    queries.prefetchQuery(trpc.model.approvalRules.queryOptions({ team, project, modelId: found.model.id })),
    queries.prefetchQuery(trpc.model.inputExample.queryOptions({ team, project, versionId })),
    queries.prefetchQuery(trpc.feature.list.queryOptions({ team, project })),
    queries.prefetchQuery(trpc.rollout.list.queryOptions({ team, project, limit: 200 })),
    queries.prefetchQuery(trpc.deployment.list.queryOptions({ team, project })),
  ]);
  const base = `/${team}/${project}`;
  return (
    <Hydrate>
      <TrailSteps
        steps={[
          { label: found.model.name, href: modelPath(base, found.model.name) },
          { label: `v${found.version.version}` },
        ]}
      />
      <VersionView versionId={versionId} />
    </Hydrate>
  );
}
