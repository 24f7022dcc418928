import { PageHead } from "@ballast/ui";
import { type ProjectPageProps, urlParams } from "@/page/load";
import { api, getQueryClient, Hydrate } from "@/trpc/server";
import { AuditLog } from "./audit-log";
import { auditQuery } from "./query";

export const metadata = { title: "Audit log" };

export default async function AuditPage({ params, searchParams }: ProjectPageProps) {
  const { team, project } = await params;
  const query = auditQuery(await urlParams(searchParams));
  const trpc = await api();
  await getQueryClient().prefetchQuery(trpc.audit.list.queryOptions({ team, project, ...query }));
  return (
    <Hydrate>
      <PageHead
        title="Audit log"
        meta="Who changed what, written in the transaction of the change and never rewritten"
      />
      <AuditLog />
    </Hydrate>
  );
}
