import { type ProjectPageProps, publicAddresses, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { daysOf, REFUSALS_READ } from "./cost-data";
import { CostsPage } from "./costs-page";

export const metadata = { title: "Costs" };

export default async function Page({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const days = daysOf(await urlParams(searchParams));
  const scope = { team, project };
  const trpc = await api();
  const queries = getQueryClient();
  await Promise.all([
    queries.prefetchQuery(trpc.finops.budgets.queryOptions(scope)),
    queries.prefetchQuery(trpc.finops.costPerDay.queryOptions({ ...scope, days })),
    queries.prefetchQuery(trpc.finops.unitCosts.queryOptions(scope)),
    queries.prefetchQuery(trpc.finops.refusals.queryOptions({ ...scope, limit: REFUSALS_READ })),
    queries.prefetchQuery(trpc.finops.rateCard.queryOptions(scope)),
  ]);
  return (
    <Hydrate>
      <CostsPage place={{ ...(await publicAddresses()), team, project }} />
    </Hydrate>
  );
}
