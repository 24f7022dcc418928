import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { RunView } from "./run-view";

type Props = ProjectPageProps<{ run: string }>;

export const metadata = { title: "Run" };

export default async function RunPage({ params }: Props) {
  const { team, project, run: segment } = await params;
  const runId = decodeURIComponent(segment);
  const trpc = await api();
  const run = await loadOrNotFound(() =>
    getQueryClient().fetchQuery(trpc.experiment.run.queryOptions({ team, project, runId })),
  );
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: run.name }]} />
      <RunView runId={runId} />
    </Hydrate>
  );
}
