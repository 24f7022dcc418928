import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { JobView } from "./job-view";

export const metadata = { title: "Training job" };

export default async function JobPage({ params }: ProjectPageProps<{ job: string }>) {
  const { team, project, job: segment } = await params;
  const jobId = decodeURIComponent(segment);
  const [trpc, queries] = [await api(), getQueryClient()];
  const job = await loadOrNotFound(() => queries.fetchQuery(trpc.training.job.queryOptions({ team, project, jobId })));
  if (job.state === "refused" && job.reservationId) {
    await queries.prefetchQuery(trpc.finops.refusals.queryOptions({ team, project, limit: 200 }));
  }
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: `${job.modelName}, ${job.id}` }]} />
      <JobView jobId={jobId} />
    </Hydrate>
  );
}
