import { TrailSteps } from "@/frame/trail";
import { loadOrNotFound, type ProjectPageProps, urlParams } from "@/page/load";
import { modelPath } from "@/page/record-paths";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { MOST_VERSIONS } from "../query";
import { CompareView } from "./compare-view";
import { comparedNumbers } from "./compared-numbers";

type Props = ProjectPageProps<{ model: string }>;

export async function generateMetadata({ params }: Props) {
  return { title: `Compare versions of ${decodeURIComponent((await params).model)}` };
}

export default async function ComparePage({ params, searchParams }: Props) {
  const { team, project, model: segment } = await params;
  const model = decodeURIComponent(segment);
  const [trpc, queries] = [await api(), getQueryClient()];
  const found = await loadOrNotFound(() =>
    queries.fetchQuery(trpc.model.get.queryOptions({ team, project, model, limit: MOST_VERSIONS })),
  );
  const numbers = comparedNumbers(await urlParams(searchParams));
  const versionIds = found.versions.filter(({ version }) => numbers.includes(version)).map(({ id }) => id);
  if (versionIds.length >= 2)
    await queries.prefetchQuery(trpc.model.compare.queryOptions({ team, project, versionIds }));
  return (
    <Hydrate>
      <TrailSteps
        steps={[
          { label: found.model.name, href: modelPath(`/${team}/${project}`, found.model.name) },
          { label: "Compare" },
        ]}
      />
      <CompareView model={model} />
    </Hydrate>
  );
}
