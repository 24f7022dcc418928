import { TrailSteps } from "@/frame/trail";
import { type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { byIds } from "../table/table-state";
import { ComparePage } from "./compare-page";
import { comparedIds } from "./compare-state";

export const metadata = { title: "Compare runs" };

export default async function Compare({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const ids = comparedIds(await urlParams(searchParams));
  const trpc = await api();
  if (ids.length > 0) {
    await getQueryClient().prefetchQuery(trpc.experiment.search.queryOptions({ team, project, ...byIds(ids) }));
  }
  return (
    <Hydrate>
      <TrailSteps steps={[{ label: "Compare" }]} />
      <ComparePage />
    </Hydrate>
  );
}
