import { notFound } from "next/navigation";
import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { modelPath, modelVersionPath } from "@/page/record-paths";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { versionIdOf } from "../version-id";
import { CardView } from "./card-view";

type Props = ProjectPageProps<{ model: string; version: string }>;

export async function generateMetadata({ params }: Props) {
  const { model, version } = await params;
  return { title: `Model card of ${decodeURIComponent(model)} ${decodeURIComponent(version)}` };
}

export default async function CardPage({ params }: Props) {
  const { team, project, ...segments } = await params;
  const [model, segment] = [decodeURIComponent(segments.model), decodeURIComponent(segments.version)];
  const versionId = await versionIdOf({ team, project }, model, segment);
  const [trpc, queries] = [await api(), getQueryClient()];
  const { card } = await loadOrNotFound(() =>
    queries.fetchQuery(trpc.model.card.queryOptions({ team, project, versionId })),
  );
  if (card.model.name !== model && card.model.id !== model) notFound();
  const base = `/${team}/${project}`;
  const version = `v${card.version.version}`;
  return (
    <Hydrate>
      <TrailSteps
        steps={[
          { label: card.model.name, href: modelPath(base, card.model.name) },
          { label: version, href: modelVersionPath(base, card.model.name, version) },
          { label: "Model card" },
        ]}
      />
      <CardView versionId={versionId} />
    </Hydrate>
  );
}
