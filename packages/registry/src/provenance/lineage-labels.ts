import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import type { LineageKind, LineageRef, LineageStop } from "./lineage-nodes.ts";

interface Label {
  id: string;
  label: string;
  detail: string | null;
  name: string | null;
  number: number | null;
  [column: string]: unknown;
}

const count = (column: string) => sql.raw(`to_char(${column}, 'FM999,999,999,999,990')`);
const scoped = (scope: Scope, alias: string, ids: SQL) =>
  sql`${sql.raw(alias)}.team_id = ${scope.teamId} and ${sql.raw(alias)}.project_id = ${scope.projectId} and ${sql.raw(alias)}.id in ${ids}`;

/** One query per kind: id, label, a line of detail, and how its page is found. Streams, predictions and costs are not rows. */
const QUERIES: Partial<Record<LineageKind, (scope: Scope, ids: SQL) => SQL>> = {
  dataset_version: (scope, ids) => sql`
    select v.id, d.name || ' v' || v.version as label, case when v.rows is null then v.state
      else ${count("v.rows")} || ' rows, ' || v.state end as detail, d.name as name, v.version as number
    from dataset_versions v join datasets d on d.team_id = v.team_id and d.id = v.dataset_id where ${scoped(scope, "v", ids)}`,
  tracked_dataset: (scope, ids) => sql`
    select d.id, d.name as label, d.source_type || ', digest ' || d.digest as detail, d.name as name, null::int as number
    from tracked_datasets d where ${scoped(scope, "d", ids)}`,
  feature_view: (scope, ids) => sql`
    select f.id, f.name as label, 'version ' || f.version as detail, f.name as name, f.version as number
    from feature_views f where ${scoped(scope, "f", ids)}`,
  run: (scope, ids) => sql`
    select r.id, r.name as label, r.state || case when r.deleted_at is null then '' else ', in the trash' end as detail,
      null as name, null::int as number
    from runs r where ${scoped(scope, "r", ids)}`,
  logged_model: (scope, ids) => sql`
    select m.id, m.name as label, m.state as detail, null as name, null::int as number
    from logged_models m where ${scoped(scope, "m", ids)}`,
  model_version: (scope, ids) => sql`
    select v.id, m.name || ' v' || v.version as label,
      case when v.deleted_at is not null then 'in the trash'
        else nullif(concat_ws(' to ', left(v.lineage->>'trainedFrom', 10), left(v.lineage->>'trainedTo', 10)), '') end as detail,
      m.name as name, v.version as number
    from model_versions v join registered_models m on m.team_id = v.team_id and m.id = v.model_id where ${scoped(scope, "v", ids)}`,
  deployment: (scope, ids) => sql`
    select d.id, d.name as label, case when d.routing->>'champion' is null then 'no champion' else 'serving' end as detail,
      d.name as name, null::int as number
    from deployments d where ${scoped(scope, "d", ids)}`,
};

/** Names of nodes; a thing that is gone, or of another project, is left out. */
export async function describe(tx: Tx, scope: Scope, refs: LineageRef[]): Promise<LineageStop[]> {
  const stops: LineageStop[] = refs
    .filter(({ kind }) => kind === "stream")
    .map(({ kind, id }) => ({ kind, id, label: id, detail: "pushed rows", name: id, number: null }));
  for (const [kind, query] of Object.entries(QUERIES) as [LineageKind, (scope: Scope, ids: SQL) => SQL][]) {
    const ids = refs.filter((ref) => ref.kind === kind).map(({ id }) => sql`${id}`);
    if (ids.length === 0) continue;
    const rows = await tx.execute<Label>(query(scope, sql`(${sql.join(ids, sql`, `)})`));
    for (const { id, label, detail, name, number } of rows) stops.push({ kind, id, label, detail, name, number });
  }
  return stops;
}
